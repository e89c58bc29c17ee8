import { runCli } from '../../src/cli/program.ts';
import type { ExitCode } from '../../src/cli/io.ts';

/** What a command line left behind. */
export interface CliResult {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** What a test can set of the outside of the command line. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly stop?: AbortSignal;
  /** Is told what goes to stdout, as it goes. */
  readonly seen?: (text: string) => void;
}

/** Runs a command line in this process; nothing of the real environment reaches it. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    out: (text) => {
      out += text;
      options.seen?.(text);
    },
    err: (text) => (err += text),
    invocation: 'sluice',
    env: options.env ?? {},
    isTerminal: options.isTerminal ?? false,
    stop: options.stop ?? new AbortController().signal,
    onHangup: () => undefined,
  });
  return { code, out, err };
}
