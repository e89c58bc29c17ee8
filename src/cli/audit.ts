import { Option } from 'commander';
import type { Command } from 'commander';
import { EXPORT_KINDS, exportAudit } from '../app/audit-export.ts';
import type { AuditExported, ExportKind, LineSink } from '../app/audit-export.ts';
import { newestAudit } from '../app/audit-list.ts';
import { openLineFile } from '../app/line-file.ts';
import { formatTimestamp, parseTimestamp } from '../base/timestamp.ts';
import { auditEntry } from '../operations/audit-entry.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import { UsageError } from './io.ts';
import type { CliIo, ExitCode } from './io.ts';
import { tableOf } from './table.ts';

interface ExportOptions {
  readonly kind: ExportKind;
  readonly from?: string;
  readonly to?: string;
  readonly account?: string;
  readonly after?: string;
  readonly output?: string;
}

interface ListOptions {
  readonly kind?: 'write' | 'read' | 'denied';
  readonly account?: string;
  readonly limit: string;
}

const MAX_LIMIT = 1000;

/** `sluice audit ...`. */
export function addAudit(host: CommandHost): void {
  const audit = host.program
    .command('audit')
    .description('Read the audit trail of the store, while the service runs or not.')
    .addHelpText(
      'after',
      `
The commands work on the store itself and therefore on its machine; DescribeAuditRecords answers over the API.

Examples:
  $ sluice audit list --kind denied
  $ sluice audit export --from 2026-01-01T00:00:00Z --output audit.jsonl
  $ sluice audit export --kind refused > refused.jsonl`,
    );
  addExport(host, audit.command('export'));
  addList(host, audit.command('list'));
}

function addExport({ io, run }: CommandHost, command: Command): void {
  command
    .description('Write the trail as JSON lines, the oldest first; how many goes to stderr.')
    .addOption(
      new Option('--kind <kind>', 'which lines: calls of all kinds or of one, or sums of what has no caller')
        .choices(EXPORT_KINDS)
        .default('calls'),
    )
    .option('--from <time>', 'begin, inclusive, as 2026-01-01T00:00:00Z (default: the oldest)')
    .option('--to <time>', 'end, inclusive (default: three minutes ago, when all of a time has arrived)')
    .option('--account <id>', 'only calls of this account')
    .option('--after <position>', 'go on behind the position that an export ended with')
    .option('--output <file>', 'write to a file that only you can read (default: stdout)')
    .action(run((options: ExportOptions, self: Command) => exportLines(options, self, io)));
  addConfigFlags(command, ['data']);
}

function addList({ io, run }: CommandHost, command: Command): void {
  command
    .description('Show the newest calls.')
    .addOption(new Option('--kind <kind>', 'only these').choices(['write', 'read', 'denied']))
    .option('--account <id>', 'only calls of this account')
    .option('--limit <number>', `how many, ${MAX_LIMIT} at most`, '20')
    .action(run((options: ListOptions, self: Command) => list(options, self, io)));
  addConfigFlags(command, ['data']);
}

async function exportLines(options: ExportOptions, command: Command, io: CliIo): Promise<ExitCode> {
  const { kind, account: accountId, after, output } = options;
  if (accountId !== undefined && (kind === 'anonymous' || kind === 'refused'))
    throw new UsageError(`--account: the sums of --kind ${kind} belong to no account`);
  const from = timeOf('--from', options.from) ?? 0;
  const to = timeOf('--to', options.to);
  const open = (): Promise<LineSink> =>
    output === undefined
      ? Promise.resolve(stdoutOf(io))
      : openLineFile(output, { append: after !== undefined });
  const end = to === undefined ? to : to + 999;
  const request = { kind, accountId, from, to: end, after, stop: io.stop, open };
  return told(await exportAudit(configOf(command, io), request), io);
}

function stdoutOf(io: CliIo): LineSink {
  return {
    write(text) {
      io.out(text);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function told({ lines, position, to, endedBy }: AuditExported, io: CliIo): ExitCode {
  const end = endedBy === null ? `up to ${formatTimestamp(to)}` : `and no more: ${endedBy}`;
  io.err(`sluice: exported ${lines} ${lines === 1 ? 'line' : 'lines'} ${end}\n`);
  if (position !== undefined) io.err(`sluice: go on with --after ${position}\n`);
  return endedBy === null ? 0 : 1;
}

async function list(options: ListOptions, command: Command, io: CliIo): Promise<ExitCode> {
  const { account: accountId, kind } = options;
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new UsageError(`--limit must be a number from 1 to ${MAX_LIMIT}, not ${options.limit}`);
  const lines = await newestAudit(configOf(command, io), { accountId, kind, limit });
  const rows = lines.map((line) => {
    const { Result, Code, Action, Actor, Target, SourceIp, CallId } = auditEntry(line);
    const outcome = Code === undefined ? Result : `${Result} (${Code})`;
    const cells = [line.accountId, Action, Actor, Target, outcome, SourceIp, CallId];
    return [formatTimestamp(line.at), ...cells.map((cell) => shown(cell ?? ''))];
  });
  io.out(tableOf(HEAD, rows));
  return 0;
}

const HEAD = ['Time', 'Account', 'Action', 'Actor', 'Target', 'Result', 'Source', 'CallId'];

/** What a caller chose must not move the cursor of who reads it. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

function timeOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTimestamp(text);
  if (time === undefined)
    throw new UsageError(`${flag} must be of the form 2026-01-01T00:00:00Z, not ${text}`);
  return time;
}
