import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { openStore } from '../../../src/store/store.ts';

/** Child of a test: forbids stream after stream, many at a time, and prints a name when it is acknowledged. */
const [directory = '', prefix = ''] = process.argv.slice(2);
const store = await openStore({
  directory,
  masterKey: Buffer.alloc(32, 7),
  clock: systemClock,
  log: silentLogger,
});
let next = 0;

async function forbidForever(): Promise<never> {
  for (;;) {
    next += 1;
    const stream = `${prefix}-${next}`;
    const caller = {
      accountId: '1000000000000001',
      accessKeyId: 'AK1',
      requestId: stream,
      at: Date.now(),
      actor: 'root',
      target: null,
      action: 'ForbidLiveStream',
      clientAddress: '192.0.2.1',
    };
    const outcome = await store.blocks.forbid({
      caller: { ...caller, nonce: stream },
      key: { domain: 'live.example.com', app: 'app', stream },
      now: Date.now(),
      resumeAt: null,
      reason: null,
      replace: false,
      oneshot: false,
      quota: 1_000_000,
    });
    // Writing to a pipe is synchronous: what is printed is out, whatever comes.
    if (outcome.kind === 'done') process.stdout.write(`${stream}\n`);
    store.audit.call({ ...caller, status: 200, code: null, effect: { Publishers: 0 }, kind: 'write' });
  }
}

await Promise.all(Array.from({ length: 20 }, forbidForever));
