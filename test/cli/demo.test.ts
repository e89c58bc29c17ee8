import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aroundCall } from '../../src/cli/demo/script.ts';
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
    expect(out).toMatch(/last frame reached a player \d+\.\d ms (before|after) the call was sent;/);
    expect(Number(/Cut latency: ([\d.]+) ms/.exec(out)?.[1])).toBeLessThan(1000);
    expect(existsSync(folderOf(out))).toBe(false);
    await untilNothingMore(before);
  }, 40_000);

  it('tells a moment from the call in words', () => {
    expect(aroundCall(-5.46)).toBe('5.5 ms before the call was sent');
    expect(aroundCall(0.3)).toBe('0.3 ms after the call was sent');
  });

  it('with --keep goes on until it is stopped, and says that the store is removed', async () => {
    const stop = new AbortController();
    const seen = (text: string): void => {
      if (text.includes('goes on until Ctrl-C')) stop.abort();
    };
    const { code, out } = await cli(['demo', '--keep'], { stop: stop.signal, seen });
    expect(code).toBe(0);
    expect(out).toMatch(/ffmpeg -re -stream_loop -1 -i assets\/sample\.flv /);
    expect(out).toMatch(/\nstopped; the store is removed\n$/);
    expect(existsSync(folderOf(out))).toBe(false);
  }, 40_000);

  it('fails when it is interrupted before every step was verified', async () => {
    const { code, out, err } = await cli(['demo'], { stop: AbortSignal.timeout(1000) });
    expect(code).toBe(1);
    expect(err).toMatch(/the demo failed: interrupted/);
    expect(existsSync(folderOf(out))).toBe(false);
  });
});
