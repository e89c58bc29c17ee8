import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import { activeResources, untilNothingMore } from '../support/resources.ts';

/** The temporary folder that a demo named; the working directory, which exists, when it named none. */
const folderOf = (out: string): string => / store in (\S+), removed at the end/.exec(out)?.[1] ?? '.';

describe('sluice demo', () => {
  it('shows the main job, verifies every step, and leaves nothing behind', async () => {
    const before = activeResources();
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
    expect(existsSync(folderOf(out))).toBe(false);
    await untilNothingMore(before);
  }, 40_000);

  it('fails when it is interrupted before every step was verified', async () => {
    const { code, out, err } = await cli(['demo'], { stop: AbortSignal.timeout(1000) });
    expect(code).toBe(1);
    expect(err).toMatch(/the demo failed: interrupted/);
    expect(existsSync(folderOf(out))).toBe(false);
  });
});
