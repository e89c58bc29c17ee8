import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import { activeResources, untilNothingMore } from '../support/resources.ts';

const leftovers = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('sluice-demo-'));

describe('sluice demo', () => {
  it('shows the main job, verifies every step, and leaves nothing behind', async () => {
    const before = { files: await leftovers(), resources: activeResources() };
    const { code, out, err } = await cli(['demo']);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/\d+ frames by RTMP and \d+ by HTTP-FLV/);
    expect(out).toMatch(
      /refused: NetStream\.Publish\.Unauthorized, the stream is forbidden \(\d\.\d\d s to go\)/,
    );
    expect(out).toMatch(/let in 0\.\d\d s after ResumeTime/);
    expect(out).toMatch(
      /ForbidLiveStream +live\.local\/live\/demo +127\.0\.0\.1 +demo +.*Publishers 1, Players 2/,
    );
    expect(Number(/Cut latency: ([\d.]+) ms/.exec(out)?.[1])).toBeLessThan(1000);
    expect(await leftovers()).toEqual(before.files);
    await untilNothingMore(before.resources);
  }, 40_000);

  it('fails when it is interrupted before every step was verified', async () => {
    const before = await leftovers();
    const { code, err } = await cli(['demo'], { stop: AbortSignal.timeout(1000) });
    expect(code).toBe(1);
    expect(err).toMatch(/the demo failed: interrupted/);
    expect(await leftovers()).toEqual(before);
  });
});
