/** The outside of the command line: streams, environment and the wish to stop, so that tests can give their own. */
export interface CliIo {
  /** Writes to stdout. */
  out(text: string): void;
  /** Writes to stderr. */
  err(text: string): void;
  /** How this program was called, to be pasted: `node dist/main.js`. */
  readonly invocation: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person reads stderr: only then a secret that nobody asked for may be shown. */
  readonly isTerminal: boolean;
  /** Aborted by SIGINT or SIGTERM; to read it is to take care of them. */
  readonly stop: AbortSignal;
  /** Runs the task at every SIGHUP, which is then no wish to stop. */
  onHangup(task: () => void): void;
}

/** What a command ends with: 0 done, 1 failed, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** The command line is wrong: one line, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}
