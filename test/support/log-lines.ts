import { pino } from 'pino';
import type { Logger } from '../../src/base/logger.ts';

/** A logger at trace level, and every line that it wrote. */
export function recordingLogger(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  return { log, lines };
}
