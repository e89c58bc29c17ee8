import type { Command } from 'commander';
import { migrateStore } from '../app/migrate-store.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';

/** `sluice migrate`. */
export function addMigrate({ program, io, run }: CommandHost): void {
  const command = program
    .command('migrate')
    .description("Bring the store to this version's schema; the service does the same when it starts.")
    .option('--check', 'change nothing; exit code 1 when something is to be done')
    .addHelpText(
      'after',
      `
Back up the data folder first: an older version does not open a migrated store.

Examples:
  $ sluice migrate --check
  $ sluice migrate --data /var/lib/sluice`,
    )
    .action(run((options: { check?: boolean }, self: Command) => migrate(options, self, io)));
  addConfigFlags(command, ['data']);
}

async function migrate(
  { check = false }: { check?: boolean },
  command: Command,
  io: CliIo,
): Promise<ExitCode> {
  const files = await migrateStore(configOf(command, io), { check });
  for (const { path, applied, newest } of files)
    io.out(`${path}: ${applied === newest ? `up to date (${newest})` : `${applied} -> ${newest}`}\n`);
  return check && files.some(({ applied, newest }) => applied !== newest) ? 1 : 0;
}
