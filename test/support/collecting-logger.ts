import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger, LogLevel } from '../../src/base/logger.ts';

/** A logger whose lines a test can read back. */
export function collectingLogger(level: LogLevel = 'info'): {
  log: Logger;
  lines: () => Record<string, unknown>[];
} {
  const written: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  return {
    log: pino({ level, base: null }, sink),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
