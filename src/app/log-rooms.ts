import { createLogger, LOG_ROOMS, RoomLoggers } from '../base/logger.ts';
import type { Logger, LogLevel, LogRoom } from '../base/logger.ts';
import type { Options } from './options.ts';

/**
 * The loggers of the rooms, with the levels of the configuration. A logger that is given (by tests) has a level of its
 * own: it gets everything of the rooms that `log.levels` does not name.
 */
export function roomLoggers(
  options: Pick<Options, 'log.level' | 'log.levels'>,
  given: Logger | undefined,
): RoomLoggers {
  const common = given ? 'trace' : options['log.level'];
  const levels = LOG_ROOMS.map((room) => [room, options['log.levels'][room] ?? common]);
  const sink = given ?? createLogger('trace');
  return new RoomLoggers(sink, Object.fromEntries(levels) as Record<LogRoom, LogLevel>);
}
