import { join } from 'node:path';
import type { Command } from 'commander';
import { environmentOf, SECRET_OPTIONS } from '../app/options.ts';
import { startService } from '../app/service.ts';
import type { Service } from '../app/service.ts';
import { ROOT_KEY_FILE } from '../app/root-key.ts';
import { testModeBanner } from '../app/test-mode.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';

/** `sluice serve`. */
export function addServe({ program, io, run }: CommandHost): void {
  const command = program
    .command('serve')
    .description('Start the service and run until SIGINT or SIGTERM.')
    .addHelpText(
      'after',
      `
Examples:
  $ sluice serve
  $ sluice serve --config sluice.yaml --log-level debug
  $ sluice serve --test-mode
  $ SLUICE_API_PORT=80 sluice serve --ingest-allow-unauthenticated

SIGHUP makes it read its certificates again, unless it was started in a terminal.
Secrets have no flag, because command lines are visible to every user of a machine. They are taken from the file or from
${Object.keys(SECRET_OPTIONS).map(environmentOf).join(', ')}.
All options: docs/3-operate/configuration.md`,
    )
    .action(run((_options: unknown, self: Command) => serve(self, io)));
  addConfigFlags(command);
}

async function serve(command: Command, io: CliIo): Promise<ExitCode> {
  const config = configOf(command, io);
  const { stop } = io;
  await using service = await startService(config);
  if (config.options.testMode) io.err(testModeBanner(service));
  else if (service.firstStart && io.isTerminal) showRootKey(service, io, config.options.data);
  // In a terminal the signal says that the terminal is gone, and ends the process as it always does.
  if (!io.isTerminal) io.onHangup(() => void service.reload());
  await stopped(stop);
  return 0;
}

/** Only to a terminal: what a log collects must not hold a secret. */
function showRootKey({ rootKey }: Service, io: CliIo, data: string): void {
  if (!rootKey) return;
  io.err(`
First start: this is the root access key. It is also in ${join(data, ROOT_KEY_FILE)}.
  AccessKeyId      ${rootKey.accessKeyId}
  AccessKeySecret  ${rootKey.accessKeySecret}

`);
}

/** Resolves when the signal is aborted. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
