import { Option } from 'commander';
import type { Command } from 'commander';
import { withKeyAdmin } from '../app/key-admin.ts';
import type { KeyAdmin, KeyFacts, KeyWish } from '../app/key-admin.ts';
import { makeSession } from '../app/session-admin.ts';
import type { SessionKey, SessionWish } from '../app/session-admin.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';
import { oneLine } from './one-line.ts';
import { tableOf } from './table.ts';

/** What the work of a subcommand is given. */
interface Call {
  readonly io: CliIo;
  /** The argument, if the subcommand takes one. */
  readonly id: string;
  readonly options: KeyWish & { readonly force?: boolean; readonly json?: boolean };
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
  $ sluice keys create --user alice
  $ sluice keys list
  $ sluice keys disable SLUICEabcdefghijklmnopqr
  $ sluice keys session --role ci --duration 30m --shell
  $ sluice keys recover`,
    );
  const create = add(host, keys.command('create'), createKey);
  create.description('Make a key; prints its secret, which is not shown again.');
  create
    .option('--account <id>', 'account that the key is for (default: the root account)')
    .option('--user <name>', 'RAM user that the key is for (default: the owner of the account)')
    .option('--note <text>', 'what the key is for', oneLine('--note'));
  const list = add(host, keys.command('list'), listKeys);
  list.description('List the keys, without their secrets.').option('--json', 'as JSON');
  const disable = add(host, keys.command('disable <AccessKeyId>'), disableKey);
  disable.description('Refuse calls of a key from now on, until it is enabled.');
  disable.option('--force', 'also the last active key of its owner');
  const enable = add(host, keys.command('enable <AccessKeyId>'), enableKey);
  enable.description('Accept calls of a key again.');
  const remove = add(host, keys.command('delete <AccessKeyId>'), deleteKey);
  remove.description('Delete a key for good.').option('--force', 'also the last active key of its owner');
  addSession(host, keys.command('session'));
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
  const pair = await admin.create(options);
  io.out(`AccessKeyId      ${pair.accessKeyId}\nAccessKeySecret  ${pair.accessKeySecret}\n`);
  io.err('Keep the secret now: it is not shown again.\n');
}

async function listKeys(admin: KeyAdmin, { io, options }: Call): Promise<void> {
  const keys = await admin.list();
  io.out(options.json ? `${JSON.stringify(keys, null, 2)}\n` : tableOf(HEAD, keys.map(rowOf)));
}

const HEAD = ['AccessKeyId', 'Status', 'Account', 'User', 'Created', 'Note'];

/** No user has a name in brackets. */
function rowOf({ accessKeyId, status, accountId, userName, root, createdAt, note }: KeyFacts): string[] {
  const holder = userName ?? (root ? '(root)' : '(owner)');
  return [accessKeyId, status, accountId, holder, formatTimestamp(createdAt), note ?? ''];
}

async function enableKey(admin: KeyAdmin, { io, id }: Call): Promise<void> {
  await admin.enable(id);
  io.out(`${id} is active\n`);
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

interface SessionOptions extends SessionWish {
  readonly json?: boolean;
  readonly shell?: boolean;
}

function addSession({ io, run }: CommandHost, command: Command): void {
  addConfigFlags(command, ['data']);
  command
    .description('Open a session of a role: a key that ends by itself, for a job of CI or a test.')
    .requiredOption('--role <name>', 'role whose rights the session has')
    .option('--account <id>', 'account of the role (default: the root account)')
    .option('--name <session>', 'tells sessions of the role apart in the audit trail', 'command-line')
    .option('--duration <time>', 'how long it lasts, 15m to 12h', '1h')
    .option('--policy <file>', 'JSON file with a policy that narrows the session')
    .option('--json', 'as JSON, which is a key file for sluice call')
    .addOption(new Option('--shell', 'as export lines for a shell to evaluate').conflicts('json'));
  command.action(
    run(async (options: SessionOptions): Promise<ExitCode> => {
      const key = await makeSession(configOf(command, io), options);
      io.out(options.json ? `${JSON.stringify(key, null, 2)}\n` : linesOf(key, options.shell ?? false));
      if (options.shell) io.err(`The session ends at ${key.expiration}.\n`);
      return 0;
    }),
  );
}

/** Nothing in a key needs quoting in a shell; the quotes are for those who read. */
function linesOf(key: SessionKey, isShell: boolean): string {
  const { accessKeyId, accessKeySecret, securityToken, expiration } = key;
  if (!isShell)
    return `AccessKeyId      ${accessKeyId}
AccessKeySecret  ${accessKeySecret}
SecurityToken    ${securityToken}
Expiration       ${expiration}
`;
  return `export SLUICE_ACCESS_KEY_ID='${accessKeyId}'
export SLUICE_ACCESS_KEY_SECRET='${accessKeySecret}'
export SLUICE_SECURITY_TOKEN='${securityToken}'
`;
}
