import type { Kysely, Transaction } from 'kysely';
import { addAnonymous, addRefused, appendAudit, appendReads } from './audit-rows.ts';
import { exportAudit, exportReads, listAudit, listReads } from './audit-pages.ts';
import { forbid, listBlocks, resume, sweepBlocks } from './blocks.ts';
import { listControlHistory, recordEffects } from './control-history.ts';
import { beginCall } from './calls.ts';
import { settle, unsettle } from './counters.ts';
import { writeDirectory } from './directory.ts';
import { changesSince, head, snapshot } from './feed.ts';
import { createKey, listKeys } from './keys.ts';
import { countPing, identify } from './meta.ts';
import { appendPublishes, closeOrphans, listPublishes } from './publishes.ts';
import { forgetCounts } from './quota.ts';
import type { LogSchema, MainSchema } from './schema.ts';
import { exportAnonymous, exportRefused } from './sum-exports.ts';
import { sweepLog, sweepMain } from './sweep-rows.ts';
import { wipe, wipeLog } from './wipe.ts';

/** What commands keep in memory beside a transaction. */
export interface TransactionMemory<Trx> {
  /** Writes it down, before what was done is committed or its savepoint released. */
  settle(trx: Trx): Promise<void>;
  /** Forgets it, when what was done is undone. */
  undo(trx: Trx): void;
}

/** Writes, to see whether a forbid could be kept: a disk that is full or fails can still be read. */
function ping(trx: Transaction<MainSchema>, _none: null): Promise<void> {
  return countPing(trx);
}

/**
 * Commands that share a transaction on `sluice.db`. What they do depends on the database and their arguments alone: when
 * another command of the transaction fails, they are done once more.
 */
export const writes = {
  identify,
  forbid,
  resume,
  recordEffects,
  createKey,
  writeDirectory,
  beginCall,
  appendAudit,
  sweepBlocks,
  sweepMain,
  wipe,
  ping,
} satisfies Record<string, (trx: Transaction<MainSchema>, args: never) => Promise<unknown>>;

/** What the commands on `sluice.db` keep in memory beside their transaction. */
export const writesMemory: TransactionMemory<Transaction<MainSchema>> = {
  settle,
  undo(trx) {
    unsettle(trx);
    forgetCounts(trx);
  },
};

/** Commands that only read `sluice.db`. */
export const reads = {
  snapshot: (db: Kysely<MainSchema>, _none: null) => snapshot(db),
  head: (db: Kysely<MainSchema>, _none: null) => head(db),
  changesSince,
  listBlocks,
  listControlHistory,
  listAudit,
  exportAudit,
  listKeys: (db: Kysely<MainSchema>, _none: null) => listKeys(db),
} satisfies Record<string, (db: Kysely<MainSchema>, args: never) => Promise<unknown>>;

/** Commands that share a transaction on `sluice-log.db`. */
export const logWrites = {
  closeOrphans,
  appendPublishes,
  appendReads,
  addAnonymous,
  addRefused,
  sweepLog,
  wipeLog,
} satisfies Record<string, (trx: Transaction<LogSchema>, args: never) => Promise<unknown>>;

/** Commands that only read `sluice-log.db`. */
export const logReads = {
  listPublishes,
  listReads,
  exportReads,
  exportAnonymous,
  exportRefused,
} satisfies Record<string, (db: Kysely<LogSchema>, args: never) => Promise<unknown>>;

type Commands = typeof writes & typeof reads & typeof logWrites & typeof logReads;

/** Everything that the worker can be asked to do. */
export type CommandName = keyof Commands;

/** What a command is given; plain data, it crosses a thread. */
export type CommandArgs<N extends CommandName> = Parameters<Commands[N]>[1];

/** What a command answers; plain data too. */
export type CommandResult<N extends CommandName> = Awaited<ReturnType<Commands[N]>>;

/** A command on its way to the worker. */
export interface Request {
  readonly id: number;
  readonly name: CommandName;
  readonly args: unknown;
}

/** The answer to the request of the same id. */
export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  /** `unavailable`: the store could not; else the request was wrong. */
  | {
      readonly id: number;
      readonly ok: false;
      readonly unavailable: boolean;
      readonly message: string;
    };
