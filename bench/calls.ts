import { connectRtmp } from '../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../src/cli/rtmp-client.ts';
import { audioConfig, videoConfig, videoFrame } from '../test/support/frames.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Measure, Pace, Readings, Subject, Target } from './support/benchmark.ts';
import { Caller, callAll, signedRequest } from './support/calls.ts';
import type { Signer } from './support/calls.ts';
import { startBareHttp, startSluice } from './support/processes.ts';
import type { SluiceServer } from './support/processes.ts';
import { cpuMs } from './support/usage.ts';

const CALLERS = 50;
const DOMAIN = 'live.example.com';
/** Calls of one round to the bare server, whatever ours gets: fewer would measure how it warms up. */
const BARE_CALLS = 20_000;
/** Milliseconds for what follows an answer: the effect's row, the audit line, the log. */
const SETTLE_MS = 500;

interface Load {
  readonly action: string;
  /** Calls of one round. */
  readonly calls: number;
  /** The parameters of the call of this number. */
  readonly parameters: (number: number) => Record<string, string>;
}

const READS: Load = {
  action: 'DescribeLiveStreamsOnlineList',
  calls: 20_000,
  parameters: () => ({ RegionId: 'cn-shanghai', DomainName: DOMAIN, AppName: 'live' }),
};

/** Blocks that all rounds together may make: fewer than the quota of an account. */
const MOST_BLOCKS = 9900;

const WRITES: Load = {
  action: 'ForbidLiveStream',
  calls: 1600,
  parameters: (number) => ({
    RegionId: 'cn-shanghai',
    DomainName: DOMAIN,
    AppName: 'live',
    StreamName: `forbidden-${number}`,
    LiveStreamType: 'publisher',
    ResumeTime: '2099-12-31T00:00:00Z',
  }),
};

/** Reading calls: all of the gateway, and an answer with one live stream. */
export const reads: Benchmark = {
  name: 'reads',
  title: 'Signed reading calls',
  about: `${CALLERS} callers on keep-alive connections send V3-signed DescribeLiveStreamsOnlineList, one stream being
live. The peer is \`node:http\` answering the same bytes to the same requests without looking at them. Processor time is
that of the whole process with all its threads.`,
  measures: measures({ of: 'ratio', bound: 'at least', limit: 0.4 }),
  open: (pace) => open(READS, pace),
};

/** Writing calls: the same, and a durable commit each. */
export const writes: Benchmark = {
  name: 'writes',
  title: 'Signed writing calls',
  about: `${CALLERS} callers send V3-signed ForbidLiveStream, each for another stream; each answer comes after its block,
nonce, feed row and audit intent are on disk (\`synchronous=FULL\`). The effect's row and the audit line that follow the
answer count too. The peer is the same \`node:http\` as for reading calls.`,
  measures: measures({ of: 'ratio', bound: 'at least', limit: 0.15 }),
  open: (pace) => {
    const calls = Math.min(WRITES.calls, Math.floor(MOST_BLOCKS / (pace.rounds + 1)));
    return open({ ...WRITES, calls }, pace);
  },
};

function measures(target: Target): Measure[] {
  return [
    { key: 'perCpuSecond', label: 'calls per CPU second', unit: 'calls/CPU-s', target },
    { key: 'perSecond', label: 'calls per second', unit: 'calls/s' },
  ];
}

async function open(load: Load, pace: Pace): Promise<[Subject, Subject]> {
  const { quick } = pace;
  const paced = quick ? { ...load, calls: 200 } : load;
  const sluice = await startSluice({ api: { throttle: { [load.action]: 1_000_000 } } }, pace);
  const publisher = await publish(sluice);
  const signer = { host: `127.0.0.1:${sluice.httpPort}`, ...sluice.key };
  if (!quick) await warmUp(load, { ...sluice, signer });
  const first = await Caller.open(sluice.httpPort);
  const body = await first.call(signedRequest(signer, load.action, load.parameters(0)));
  first.close();
  const bare = await startBareHttp(body);
  let next = 1;
  const ours: Subject = {
    name: 'Sluice',
    measure: () => {
      const from = next;
      next += paced.calls;
      return measure(paced, { ...sluice, signer, from });
    },
    [Symbol.asyncDispose]: async () => {
      publisher.destroy();
      await sluice[Symbol.asyncDispose]();
    },
  };
  const peer: Subject = {
    name: 'bare node:http',
    measure: () => measure({ ...paced, calls: quick ? 200 : BARE_CALLS }, { ...bare, signer, from: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(bare[Symbol.asyncDispose]()),
  };
  return [ours, peer];
}

/** As many calls as the bare server gets before it is measured; forbids that replace each other make no blocks. */
async function warmUp(
  { action, parameters }: Load,
  { signer, httpPort }: { signer: Signer; httpPort: number },
): Promise<void> {
  const more = action === 'ForbidLiveStream' ? { Replace: 'true', StreamName: 'warm-up' } : {};
  const requests = Array.from({ length: BARE_CALLS }, () =>
    signedRequest(signer, action, { ...parameters(0), ...more }),
  );
  await callAll(httpPort, requests, CALLERS);
}

/** One live stream, so that the list is not empty; it sends five frames a second. */
async function publish({ rtmpPort }: SluiceServer): Promise<RtmpClient> {
  const tcUrl = `rtmp://${DOMAIN}/live`;
  const stream = { port: rtmpPort, host: '127.0.0.1', app: 'live', stream: 'cam1', tcUrl };
  const client = await connectRtmp({ mode: 'publish', ...stream });
  for (const media of [videoConfig(), audioConfig()]) client.send(media);
  let sent = 0;
  const timer = setInterval(() => {
    client.send(videoFrame(sent * 200, sent, { key: true, size: 1000 }));
    sent += 1;
  }, 200);
  void client.ended.then(() => clearInterval(timer));
  return client;
}

/** Signs beforehand, so that the callers cost little. */
async function measure(
  { action, calls, parameters }: Load,
  { signer, from, pid, httpPort }: { signer: Signer; from: number; pid: number; httpPort: number },
): Promise<Readings> {
  const requests = Array.from({ length: calls }, (_, i) =>
    signedRequest(signer, action, parameters(from + i)),
  );
  const before = cpuMs(pid);
  const startedAt = performance.now();
  await callAll(httpPort, requests, CALLERS);
  const seconds = (performance.now() - startedAt) / 1000;
  await sleep(SETTLE_MS);
  const cpuSeconds = (cpuMs(pid) - before) / 1000;
  return { perCpuSecond: calls / cpuSeconds, perSecond: calls / seconds };
}
