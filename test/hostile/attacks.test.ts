import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/wait.ts';
import type { Attack } from './attack.ts';
import { GROWTH } from './bounds.ts';
import { Canary } from './canary.ts';
import { HTTP } from './http.ts';
import { MALFORMED } from './malformed.ts';
import { ROLES } from './roles.ts';
import { startTarget } from './target.ts';
import type { Holdings, Target } from './target.ts';

let target: Target;
let canary: Canary;
let atRest: Holdings;
let memoryAtRest: number;

beforeAll(async () => {
  target = await startTarget();
  canary = await Canary.start(target);
  await canary.beat();
  atRest = await target.holdings();
  memoryAtRest = target.markMemory();
});

afterAll(async () => {
  canary.end();
  await target[Symbol.asyncDispose]();
});

/** What holds after every attack: process, memory, and what the attacker held is given back. */
async function expectUnharmed(): Promise<void> {
  await until(
    async () => JSON.stringify(await target.holdings()) === JSON.stringify(atRest),
    'the service at rest',
  ).catch(async () => expect(await target.holdings()).toEqual(atRest));
  expect(target.faults()).toEqual([]);
  expect(target.isAlive()).toBe(true);
  expect(target.peakMemory() - memoryAtRest).toBeLessThan(GROWTH.onePeer);
}

describe.each([
  ['that does not speak RTMP', MALFORMED],
  ['that oversteps its role', ROLES],
  ['of the HTTP port', HTTP],
])('a peer %s harms nobody', (_whose, attacks) => {
  it.each(attacks)('$name: $outcome', async ({ begin, outcome, protocol }: Attack) => {
    const lines = target.closings().length;
    const peer = await begin(target);
    if (outcome === 'closed') await until(() => peer.isClosed, 'the service to end the connection');
    await canary.beat();
    expect(peer.isClosed).toBe(outcome === 'closed');
    peer.destroy();
    await expectUnharmed();
    if (protocol === 'rtmp')
      await until(() => target.closings().length === lines + 1, 'exactly one line in the log');
  });
});
