import type { Command } from 'commander';
import type { CliIo, ExitCode } from './io.ts';

/** What a command needs to be added to the program. */
export interface CommandHost {
  readonly program: Command;
  readonly io: CliIo;
  /** Wraps a command's work so that its result becomes the program's exit code. */
  readonly run: <Args extends unknown[]>(
    work: (...args: Args) => Promise<ExitCode>,
  ) => (...args: Args) => Promise<void>;
}
