import { Command, CommanderError } from 'commander';
import { FlagError } from '../app/config.ts';
import { StartError } from '../base/errors.ts';
import { packageVersion } from '../base/package-version.ts';
import { UnreachableError } from './api-client.ts';
import { addAccounts } from './accounts.ts';
import { addAudit } from './audit.ts';
import { addCall } from './call.ts';
import { addDemo } from './demo.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';
import { UsageError } from './io.ts';
import { addKeys } from './keys.ts';
import { addMigrate } from './migrate.ts';
import { addServe } from './serve.ts';
import { addSignUrl } from './sign-url.ts';

/** Runs one command line (without node and script). Never ends the process and never throws for what a user can do. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = createProgram(io);
  const host: CommandHost = {
    program,
    io,
    run:
      (work) =>
      async (...args) => {
        code = await work(...args);
      },
  };
  for (const add of [addServe, addDemo, addCall, addKeys, addAccounts, addAudit, addSignUrl, addMigrate])
    add(host);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

function createProgram(io: CliIo): Command {
  return new Command('sluice')
    .description(
      'Self-hosted live streaming that speaks the ApsaraVideo Live OpenAPI: forbid, resume and watch real streams.',
    )
    .version(packageVersion(), '-v, --version')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ sluice demo                      see the whole thing work, nothing to set up
  $ sluice serve                     start the service with its defaults
  $ sluice call ForbidLiveStream --DomainName live.local --AppName live --StreamName cam1 --LiveStreamType publisher`,
    );
}

function exitCodeOf(error: unknown, io: CliIo): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError || error instanceof FlagError) {
    io.err(`sluice: ${error.message}\n`);
    return 2;
  }
  if (error instanceof StartError || error instanceof UnreachableError) {
    io.err(`sluice: ${error.message}\n`);
    return 1;
  }
  throw error;
}
