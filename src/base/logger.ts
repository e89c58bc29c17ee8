import { pino } from 'pino';

/** The part of pino that the rooms use. */
export type Logger = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** Log levels, the chattiest first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger that writes one JSON line per event to stdout, or to `destination` (a file descriptor). */
export function createLogger(level: LogLevel, destination = 1): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: destination, sync: false }),
  );
}

/** A logger that says nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** The rooms whose log level is their own. */
export const LOG_ROOMS = ['app', 'core', 'gateway', 'ingest', 'store'] as const;

/** One of {@link LOG_ROOMS}. */
export type LogRoom = (typeof LOG_ROOMS)[number];

/** The log levels of the rooms of a running service. */
export interface LogControl {
  /** The level of every room. */
  levels(): Readonly<Record<LogRoom, LogLevel>>;
  /** Sets the level of a room, or of all (`*`); it acts at once, on every logger that the room has made. */
  set(room: LogRoom | '*', level: LogLevel): void;
}

/** Makes the loggers of the rooms, each with `room` in its lines and a level that can be changed. */
export class RoomLoggers implements LogControl {
  readonly #gates: Readonly<Record<LogRoom, Gate>>;
  readonly #sink: Logger;

  /** `sink` writes what a room's level lets through, unless its own level is higher. */
  constructor(sink: Logger, levels: Readonly<Record<LogRoom, LogLevel>>) {
    this.#sink = sink;
    const gates = LOG_ROOMS.map((room) => [room, new Gate(levels[room])]);
    this.#gates = Object.fromEntries(gates) as Record<LogRoom, Gate>;
  }

  /** A logger of the room. */
  of(room: LogRoom): Logger {
    return new GatedLogger(this.#sink.child({ room }), this.#gates[room]);
  }

  levels(): Readonly<Record<LogRoom, LogLevel>> {
    const levels = LOG_ROOMS.map((room) => [room, this.#gates[room].level]);
    return Object.fromEntries(levels) as Record<LogRoom, LogLevel>;
  }

  set(room: LogRoom | '*', level: LogLevel): void {
    for (const one of room === '*' ? LOG_ROOMS : [room]) this.#gates[one].level = level;
  }
}

/** The level of a room, which all its loggers look at: a child of pino would keep the level that it was made with. */
class Gate {
  #level: LogLevel = 'info';
  /** The place of the level among {@link LOG_LEVELS}. */
  least = 0;

  constructor(level: LogLevel) {
    this.level = level;
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.least = LOG_LEVELS.indexOf(level);
  }
}

type LogArguments = [details: unknown, message?: string, ...values: unknown[]];

/** A line that is not wanted costs one comparison. */
class GatedLogger implements Logger {
  readonly #sink: Logger;
  readonly #gate: Gate;

  constructor(sink: Logger, gate: Gate) {
    this.#sink = sink;
    this.#gate = gate;
  }

  trace(...line: LogArguments): void {
    if (this.#gate.least <= 0) this.#sink.trace(...line);
  }

  debug(...line: LogArguments): void {
    if (this.#gate.least <= 1) this.#sink.debug(...line);
  }

  info(...line: LogArguments): void {
    if (this.#gate.least <= 2) this.#sink.info(...line);
  }

  warn(...line: LogArguments): void {
    if (this.#gate.least <= 3) this.#sink.warn(...line);
  }

  error(...line: LogArguments): void {
    if (this.#gate.least <= 4) this.#sink.error(...line);
  }

  fatal(...line: LogArguments): void {
    if (this.#gate.least <= 5) this.#sink.fatal(...line);
  }

  child(bindings: Record<string, unknown>): Logger {
    return new GatedLogger(this.#sink.child(bindings), this.#gate);
  }
}
