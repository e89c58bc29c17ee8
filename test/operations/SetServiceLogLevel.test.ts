import { describe, expect, it } from 'vitest';
import { inAccount } from '../support/accounts.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';
import type { InRoom } from '../support/rooms.ts';
import { startTestService } from '../support/service.ts';

let made: InRoom;
eachInARoom((fresh) => (made = fresh));
const set = (params: Record<string, string>) => made.api.call('SetServiceLogLevel', params);

async function levels(): Promise<Record<string, string>> {
  const { json } = await made.api.call('DescribeServiceStatus');
  const { LogLevel } = json['LogLevels'] as { LogLevel: { Room: string; Level: string }[] };
  return Object.fromEntries(LogLevel.map(({ Room, Level }) => [Room, Level]));
}

describe('parameters', () => {
  it('takes rooms and levels that there are', async () => {
    await expectCode(set({ Room: 'kitchen', Level: 'debug' }), 400, 'InvalidRoom.Malformed');
    await expectCode(set({ Room: 'ingest', Level: 'loud' }), 400, 'InvalidLevel.Malformed');
    await expectCode(set({ Room: 'ingest' }), 400, 'MissingLevel');
  });
});

describe('permission', () => {
  itAsksForPermission(
    { api: () => made.api, action: 'SetServiceLogLevel', params: () => ({ Level: 'info' }) },
    '*',
  );

  it('is for the root account only', async () => {
    const tenant = await inAccount(made.api);
    const before = await levels();
    await expectCode(tenant.call('SetServiceLogLevel', { Level: 'silent' }), 403, 'IllegalOperation');
    expect(await levels()).toEqual(before);
  });
});

describe('limits', () => {
  itIsLimitedTo('SetServiceLogLevel', { calls: 10, perSeconds: 1 });
});

describe('behaviour', () => {
  it('sets one room, or all', async () => {
    await set({ Level: 'info' });
    await set({ Room: 'ingest', Level: 'debug' });
    expect(await levels()).toMatchObject({ ingest: 'debug', gateway: 'info', store: 'info' });
    await set({ Room: '*', Level: 'warn' });
    expect(new Set(Object.values(await levels()))).toEqual(new Set(['warn']));
  });

  it('acts on a running service at once', async () => {
    const { log, lines } = collectingLogger();
    await using running = await startTestService({ log });
    const calls = (): number => lines().filter(({ msg }) => msg === 'call').length;
    await running.call('DescribeServiceStatus', {});
    expect(calls()).toBe(1);
    await running.call('SetServiceLogLevel', { Room: 'gateway', Level: 'error' });
    const quiet = calls();
    await running.call('DescribeServiceStatus', {});
    expect(calls()).toBe(quiet);
    await running.call('SetServiceLogLevel', { Room: 'gateway', Level: 'info' });
    await running.call('DescribeServiceStatus', {});
    expect(calls()).toBeGreaterThan(quiet);
  });
});
