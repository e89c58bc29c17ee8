import type { Command } from 'commander';
import { withKeyAdmin } from '../app/key-admin.ts';
import type { KeyAdmin, KeyFacts } from '../app/key-admin.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';
import { tableOf } from './table.ts';

/** What the work of a subcommand is given. */
interface Call {
  readonly io: CliIo;
  /** The argument, if the subcommand takes one. */
  readonly id: string;
  readonly options: { readonly note?: string; readonly force?: boolean; readonly json?: boolean };
}

/** `sluice keys ...`. */
export function addKeys(host: CommandHost): void {
  const keys = host.program
    .command('keys')
    .description('Manage the access keys of the store, while the service runs or not.')
    .addHelpText(
      'after',
      `
A change acts on a running service within 100 ms. The commands work on the store itself and therefore on its machine.

Examples:
  $ sluice keys create --note "moderation bot"
  $ sluice keys list
  $ sluice keys disable SLUICEabcdefghijklmnopqr
  $ sluice keys recover`,
    );
  const create = add(host, keys.command('create'), createKey);
  create.description('Make a key; prints its secret, which is not shown again.');
  create.option('--note <text>', 'what the key is for');
  const list = add(host, keys.command('list'), listKeys);
  list.description('List the keys, without their secrets.').option('--json', 'as JSON');
  const disable = add(host, keys.command('disable <AccessKeyId>'), disableKey);
  disable.description(
    'Refuse calls of a key from now on. There is no way back: make another with sluice keys create.',
  );
  disable.option('--force', 'also the last active root key');
  const remove = add(host, keys.command('delete <AccessKeyId>'), deleteKey);
  remove.description('Delete a key for good.').option('--force', 'also the last active root key');
  const recover = add(host, keys.command('recover'), recoverKey);
  recover.description(
    'Make a new root key when the old one is lost; writes root-key.json in the data folder and keeps the old file as root-key.json.old.',
  );
}

function add(
  { io, run }: CommandHost,
  command: Command,
  work: (admin: KeyAdmin, call: Call) => Promise<void>,
) {
  addConfigFlags(command, ['data']);
  return command.action(
    run(async (): Promise<ExitCode> => {
      const call = { io, id: command.args[0] ?? '', options: command.opts() };
      await withKeyAdmin(configOf(command, io), (admin) => work(admin, call));
      return 0;
    }),
  );
}

async function createKey(admin: KeyAdmin, { io, options }: Call): Promise<void> {
  const pair = await admin.create(options.note ?? null);
  io.out(`AccessKeyId      ${pair.accessKeyId}\nAccessKeySecret  ${pair.accessKeySecret}\n`);
  io.err('Keep the secret now: it is not shown again.\n');
}

async function listKeys(admin: KeyAdmin, { io, options }: Call): Promise<void> {
  const keys = await admin.list();
  io.out(options.json ? `${JSON.stringify(keys, null, 2)}\n` : tableOf(HEAD, keys.map(rowOf)));
}

const HEAD = ['AccessKeyId', 'Status', 'Root', 'Created', 'Note'];

function rowOf({ accessKeyId, status, root, createdAt, note }: KeyFacts): string[] {
  return [accessKeyId, status, root ? 'root' : '', formatTimestamp(createdAt), note ?? ''];
}

async function disableKey(admin: KeyAdmin, { io, id, options }: Call): Promise<void> {
  await admin.disable(id, options.force ?? false);
  io.out(`${id} is disabled\n`);
}

async function deleteKey(admin: KeyAdmin, { io, id, options }: Call): Promise<void> {
  await admin.delete(id, options.force ?? false);
  io.out(`${id} is deleted\n`);
}

async function recoverKey(admin: KeyAdmin, { io }: Call): Promise<void> {
  const { pair, path, oldPath } = await admin.recover();
  io.out(`A new root key ${pair.accessKeyId} is in ${path}; the old ones still work: sluice keys list\n`);
  if (oldPath !== undefined) io.out(`The old file is kept as ${oldPath}\n`);
  if (io.isTerminal) io.err(`AccessKeySecret  ${pair.accessKeySecret}\n`);
}
