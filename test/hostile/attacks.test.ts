import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/wait.ts';
import type { Attack } from './attack.ts';
import { Battle } from './battle.ts';
import { GROWTH } from './bounds.ts';
import { HTTP } from './http.ts';
import { MALFORMED } from './malformed.ts';
import { ROLES } from './roles.ts';

let battle: Battle;

beforeAll(async () => {
  battle = await Battle.begin();
});

afterAll(() => battle[Symbol.asyncDispose]());

describe.each([
  ['that does not speak RTMP', MALFORMED],
  ['that oversteps its role', ROLES],
  ['of the HTTP port', HTTP],
])('a peer %s harms nobody', (_whose, attacks) => {
  it.each(attacks)('$name: $outcome', async ({ begin, outcome, protocol }: Attack) => {
    const { target, canary } = battle;
    const lines = target.closings().length;
    const peer = await begin(target);
    if (outcome === 'closed') await until(() => peer.isClosed, 'the service to end the connection');
    await canary.beat();
    expect(peer.isClosed).toBe(outcome === 'closed');
    peer.destroy();
    await battle.expectUnharmed(GROWTH.onePeer);
    if (protocol === 'rtmp')
      await until(() => target.closings().length === lines + 1, 'exactly one line in the log');
  });
});
