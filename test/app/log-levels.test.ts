import { expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { roomLoggers } from '../../src/app/log-rooms.ts';
import { LOG_ROOMS } from '../../src/base/logger.ts';
import { recordingLogger } from '../support/log-lines.ts';
import { startTestService } from '../support/service.ts';

it('log.levels goes before log.level, room by room', () => {
  const flags = { 'log.level': 'warn', 'log.levels': 'ingest=debug, store=silent' };
  const { options } = loadConfig({ flags });
  expect(roomLoggers(options, undefined).levels()).toEqual({
    app: 'warn',
    core: 'warn',
    gateway: 'warn',
    ingest: 'debug',
    store: 'silent',
  });
});

it('a running service has a room in every line, and its levels can be changed', async () => {
  const { log, lines } = recordingLogger();
  await using sluice = await startTestService({ log, config: { log: { levels: { gateway: 'warn' } } } });
  const call = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1' };
  const calls = (): unknown[] =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'call')
      .map(({ room, level }) => [room, level]);
  await sluice.call('DescribeLiveStreamState', call);
  expect(calls()).toEqual([]);
  expect(sluice.service.logLevels.levels()).toMatchObject({ gateway: 'warn', ingest: 'trace' });
  sluice.service.logLevels.set('gateway', 'info');
  await sluice.call('DescribeLiveStreamState', call);
  expect(calls()).toEqual([['gateway', 30]]);
  const rooms = lines.map((line) => (JSON.parse(line) as { room?: string }).room);
  expect([...LOG_ROOMS]).toEqual(expect.arrayContaining([...new Set(rooms)]));
});
