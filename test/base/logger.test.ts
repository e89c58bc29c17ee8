import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, LOG_ROOMS, RoomLoggers, silentLogger } from '../../src/base/logger.ts';
import type { LogLevel, LogRoom } from '../../src/base/logger.ts';
import { collectingLogger } from '../support/collecting-logger.ts';

function rooms(level: LogLevel, levels: Partial<Record<LogRoom, LogLevel>> = {}) {
  const { log, lines } = collectingLogger('trace');
  const all = Object.fromEntries(LOG_ROOMS.map((room) => [room, levels[room] ?? level]));
  const loggers = new RoomLoggers(log, all as Record<LogRoom, LogLevel>);
  return {
    loggers,
    lines,
    messages: () => lines().map(({ room, msg }) => `${String(room)}: ${String(msg)}`),
  };
}

describe('the loggers of the rooms', () => {
  it.each(LOG_LEVELS.map((level, index) => [level, index] as const))(
    'at %s write what is as severe, and nothing less',
    (level, index) => {
      const { loggers, lines } = rooms(level);
      const log = loggers.of('core');
      log.trace('trace');
      log.debug('debug');
      log.info('info');
      log.warn('warn');
      log.error('error');
      log.fatal('fatal');
      expect(lines().map(({ msg }) => msg)).toEqual(LOG_LEVELS.slice(index, -1));
    },
  );

  it('name their room, and keep details and values of a line', () => {
    const { loggers, lines } = rooms('info');
    loggers.of('ingest').info({ stream: 'a/b/c' }, 'playing %d', 1);
    loggers.of('store').child({ file: 'x' }).warn('full');
    expect(lines()).toMatchObject([
      { room: 'ingest', stream: 'a/b/c', msg: 'playing 1', level: 30 },
      { room: 'store', file: 'x', msg: 'full', level: 40 },
    ]);
  });

  it('follow a change at once, and so do the children that they made before', () => {
    const { loggers, messages } = rooms('info', { ingest: 'warn' });
    const ingest = loggers.of('ingest');
    const connection = ingest.child({ conn: 1 }).child({ stream: 'cam1' });
    connection.info('before');
    loggers.set('ingest', 'debug');
    connection.debug('after');
    loggers.of('core').debug('another room');
    loggers.set('*', 'error');
    connection.warn('all');
    loggers.of('core').error('all');
    expect(messages()).toEqual(['ingest: after', 'core: all']);
    expect(new Set(Object.values(loggers.levels()))).toEqual(new Set(['error']));
  });

  it('tell their levels', () => {
    const { loggers } = rooms('info', { gateway: 'debug' });
    loggers.set('app', 'silent');
    expect(loggers.levels()).toEqual({
      app: 'silent',
      core: 'info',
      gateway: 'debug',
      ingest: 'info',
      store: 'info',
    });
  });

  it('never write what the logger below them does not', () => {
    const { log, lines } = collectingLogger('warn');
    const levels = Object.fromEntries(LOG_ROOMS.map((room) => [room, 'trace'])) as Record<LogRoom, LogLevel>;
    const loggers = new RoomLoggers(log, levels);
    loggers.of('app').info('no');
    loggers.of('app').warn('yes');
    new RoomLoggers(silentLogger, levels).of('app').fatal('no');
    expect(lines().map(({ msg }) => msg)).toEqual(['yes']);
  });
});
