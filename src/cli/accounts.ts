import type { Command } from 'commander';
import { withAccountAdmin } from '../app/account-admin.ts';
import type { AccountFacts } from '../app/account-admin.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import type { ExitCode } from './io.ts';
import { oneLine } from './one-line.ts';
import { tableOf } from './table.ts';

/** `sluice accounts ...`. */
export function addAccounts(host: CommandHost): void {
  const accounts = host.program
    .command('accounts')
    .description('Manage the accounts of the store, while the service runs or not.')
    .addHelpText(
      'after',
      `
An account owns domains, users, roles, policies and keys, and sees nothing of another's. The first start makes the root
account, which owns the installation. A running service knows a new account within 100 ms.

Examples:
  $ sluice accounts create --name "Example Sports"
  $ sluice accounts list`,
    );
  addCreate(host, accounts.command('create'));
  addList(host, accounts.command('list'));
}

function addCreate({ io, run }: CommandHost, command: Command): void {
  addConfigFlags(command, ['data']);
  command
    .description(
      'Make an account; prints its id and the first key of its owner, whose secret is not shown again.',
    )
    .requiredOption('--name <text>', 'whose account it is', oneLine('--name'))
    .option('--json', 'as JSON, which is a key file for sluice call');
  command.action(
    run(async ({ name, json }: { name: string; json?: boolean }): Promise<ExitCode> => {
      const { accountId, pair } = await withAccountAdmin(configOf(command, io), (admin) =>
        admin.create(name),
      );
      if (json) io.out(`${JSON.stringify({ accountId, ...pair }, null, 2)}\n`);
      else
        io.out(
          `AccountId        ${accountId}\nAccessKeyId      ${pair.accessKeyId}\nAccessKeySecret  ${pair.accessKeySecret}\n`,
        );
      io.err('Keep the secret now: it is not shown again.\n');
      return 0;
    }),
  );
}

function addList({ io, run }: CommandHost, command: Command): void {
  addConfigFlags(command, ['data']);
  command.description('List the accounts.').option('--json', 'as JSON');
  command.action(
    run(async ({ json }: { json?: boolean }): Promise<ExitCode> => {
      const accounts = await withAccountAdmin(configOf(command, io), (admin) => admin.list());
      io.out(json ? `${JSON.stringify(accounts, null, 2)}\n` : tableOf(HEAD, accounts.map(rowOf)));
      return 0;
    }),
  );
}

const HEAD = ['AccountId', 'Name', 'Created', 'Users', 'Roles', 'Domains', 'Owner keys'];

function rowOf({ accountId, name, root, createdAt, ...counts }: AccountFacts): string[] {
  const shown = name === accountId ? '' : name;
  return [
    accountId,
    root ? `${shown} (root)`.trim() : shown,
    createdAt === null ? '' : formatTimestamp(createdAt),
    ...[counts.users, counts.roles, counts.domains, counts.ownerKeys].map(String),
  ];
}
