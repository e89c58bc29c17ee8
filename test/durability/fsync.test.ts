import { join } from 'node:path';
import { expect } from 'vitest';
import { program } from '../support/programs.ts';
import { RealService } from '../support/real-service.ts';
import { StubbornEncoder } from '../support/stubborn-encoder.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/wait.ts';
import { failFsync } from './failing-disk.ts';

const strace = program('strace');
const DOMAIN = 'live.local';

const named = (StreamName: string) => ({
  DomainName: DOMAIN,
  AppName: 'live',
  StreamName,
  LiveStreamType: 'publisher',
});

function encoderOf(service: RealService, stream: string): StubbornEncoder {
  const target = { port: service.ports.rtmpPort, tcUrl: `rtmp://${DOMAIN}/live`, app: 'live', stream };
  return new StubbornEncoder(target, { firstMark: 0 });
}

async function blocked(service: RealService): Promise<string[]> {
  const { body } = await service.call('DescribeLiveStreamBlocks', {});
  return (body['Blocks'] as { Block: { StreamName: string }[] }).Block.map(({ StreamName }) => StreamName);
}

strace.it(
  'cuts, answers 503 and says what is wrong while every fsync fails; what was acknowledged outlives it',
  async ({ skip }) => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, 'data');
    await using service = await RealService.start({ data });
    const forbid = (stream: string) => service.call('ForbidLiveStream', named(stream));
    const encoder = encoderOf(service, 'cut');
    await until(() => encoder.started, 'the publish');
    expect((await forbid('before')).status).toBe(200);
    expect((await service.readiness()).status).toBe(200);

    const disk = await failFsync(service.pid, strace.path);
    if ('reason' in disk) return skip(disk.reason);
    for (const stream of ['cut', 'other']) {
      const answer = await forbid(stream);
      expect(answer).toMatchObject({ status: 503, body: { Code: 'ServiceUnavailable' } });
      expect(answer.body['RequestId']).toMatch(/^[0-9A-F-]{36}$/);
    }
    expect(await encoder.ended).toMatch(/ECONNRESET|EPIPE/);
    expect(await service.readiness()).toMatchObject({ status: 503, checks: { store: 'disk I/O error' } });
    expect(service.errors()).toMatchObject(
      ['cut', 'other'].map(() => ({
        msg: 'a forbid could not be stored: cut, not persisted',
        error: 'disk I/O error',
      })),
    );
    expect(await blocked(service)).toEqual(['before']);

    await disk.heal();
    expect((await forbid('cut')).status).toBe(200);
    expect((await service.readiness()).status).toBe(200);
    await service.kill();
    await using again = await RealService.start({ data });
    expect(await blocked(again)).toEqual(['before', 'cut']);
    const refused = encoderOf(again, 'cut');
    await until(() => refused.codes.length > 0, 'the answer to the publish');
    expect(refused.codes).toEqual(['NetStream.Publish.Unauthorized']);
    await Promise.all([encoder.stop(), refused.stop()]);
  },
  60_000,
);
