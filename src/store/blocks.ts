import type { Kysely, Transaction } from 'kysely';
import { inForce } from '../core/blocks.ts';
import type { Block, BlockChange } from '../core/blocks.ts';
import type { StreamKey } from '../core/names.ts';
import type {
  BlockQuery,
  ForbidOutcome,
  ForbidWrite,
  Page,
  ResumeOutcome,
  ResumeWrite,
} from '../core/ports.ts';
import { blockColumns, toBlock, toBlockRow } from './block-rows.ts';
import { beginCall } from './calls.ts';
import { recordCall } from './control-history.ts';
import type { ControlCall } from './control-history.ts';
import { take } from './counters.ts';
import { announceBlocks } from './feed.ts';
import { columnsOf, prepared } from './prepared.ts';
import { hasRoom } from './quota.ts';
import type { BlockTable, MainSchema } from './schema.ts';

type Trx = Transaction<MainSchema>;

const KEY = ['domain', 'app', 'stream'] as const;
const STATE = [
  'account_id',
  'version',
  'resume_at',
  'reason',
  'actor',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof BlockTable)[];

/** Expired blocks that one step of the sweep removes at most. */
const SWEEP_PAGE = 500;

/** Forbids one stream: nonce, quota, block, feed and history change together or not at all. */
export async function forbid(trx: Trx, write: ForbidWrite): Promise<ForbidOutcome> {
  if (!(await beginCall(trx, write))) return { kind: 'nonce-used' };
  if (write.oneshot) {
    const intentId = await recordForbid(trx, write, { outcome: 'cut-once', resumeAt: null });
    return { kind: 'done', intentId, change: null };
  }
  const known = await find(trx, write.key);
  const standing = known && inForce(known, write.now) ? known : undefined;
  const mine = standing?.accountId === write.caller.accountId;
  if (standing && !(mine && write.replace)) {
    const { resumeAt } = standing;
    const intentId = await recordForbid(trx, write, { outcome: 'exists', resumeAt });
    return { kind: 'exists', intentId, block: standing };
  }
  if (!standing && !(await hasRoom(trx, write))) return { kind: 'quota-exceeded' };
  const change = await put(trx, write, standing);
  const outcome = standing ? 'replaced' : 'blocked';
  const intentId = await recordForbid(trx, write, { outcome, resumeAt: write.resumeAt });
  return { kind: 'done', intentId, change, ...(standing && { replaced: true }) };
}

/** Removes the account's blocks of a name, in one app or in all apps of the domain. */
export async function resume(trx: Trx, write: ResumeWrite): Promise<ResumeOutcome> {
  const { caller, domain, app, stream, now } = write;
  if (!(await beginCall(trx, { caller, now }))) return { kind: 'nonce-used' };
  let matching = trx
    .deleteFrom('blocks')
    .where('domain', '=', domain)
    .where('stream', '=', stream)
    .where('account_id', '=', caller.accountId);
  if (app !== null) matching = matching.where('app', '=', app);
  const rows = await matching.returning(['domain', 'app', 'stream']).execute();
  const changes = await announceGone(trx, rows, now);
  await recordCall(trx, {
    caller,
    at: now,
    key: { domain, app: app ?? '*', stream },
    reason: null,
    outcome: 'resumed',
    resumeAt: null,
  });
  return { kind: 'done', changes };
}

/** A page of the account's blocks in force, in the order of their keys, which a change elsewhere does not disturb. */
export async function listBlocks(db: Kysely<MainSchema>, query: BlockQuery): Promise<Page<Block>> {
  const matching = inForceOf(db, query);
  const { total } = await matching
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await matching
    .select(blockColumns)
    .orderBy('domain')
    .orderBy('app')
    .orderBy('stream')
    .limit(query.pageSize)
    .offset((query.pageNumber - 1) * query.pageSize)
    .execute();
  return { total, items: rows.map(toBlock) };
}

/** Removes blocks that have expired, some hundreds at most; true when there may be more. */
export async function sweepBlocks(trx: Trx, { now }: { now: number }): Promise<boolean> {
  const expired = await trx
    .selectFrom('blocks')
    .select(['domain', 'app', 'stream', 'version'])
    .where('resume_at', '<=', now)
    .limit(SWEEP_PAGE)
    .execute();
  const gone: StreamKey[] = [];
  for (const { version, ...key } of expired) {
    // The version guards a block that was made anew since it was read (on a store with concurrent transactions).
    const { numDeletedRows } = await trx
      .deleteFrom('blocks')
      .where((eb) => eb.and({ ...key, version }))
      .executeTakeFirst();
    if (numDeletedRows > 0n) gone.push(key);
  }
  await announceGone(trx, gone, now);
  return expired.length === SWEEP_PAGE;
}

async function find(trx: Trx, key: StreamKey): Promise<Block | undefined> {
  const { rows } = await selectBlock(trx, key);
  return rows[0] && toBlock(rows[0]);
}

const selectBlock = prepared((trx: Kysely<MainSchema>, key: StreamKey) =>
  trx
    .selectFrom('blocks')
    .select(blockColumns)
    .where('domain', '=', key.domain)
    .where('app', '=', key.app)
    .where('stream', '=', key.stream),
);

async function put(trx: Trx, write: ForbidWrite, replaced: Block | undefined): Promise<BlockChange> {
  const version = await take(trx, 'feed');
  const { domain, app, stream } = write.key;
  const block: Block = {
    key: { domain, app, stream },
    accountId: write.caller.accountId,
    version,
    resumeAt: write.resumeAt,
    reason: write.reason,
    actor: write.caller.accessKeyId,
    createdAt: replaced?.createdAt ?? write.now,
    updatedAt: write.now,
  };
  await putBlock(trx, toBlockRow(block));
  await announceBlocks(trx, [block.key], { firstSeq: version, at: write.now });
  return { key: block.key, version, block };
}

const putBlock = prepared((trx: Kysely<MainSchema>, row: BlockTable) =>
  trx
    .insertInto('blocks')
    .values({ ...columnsOf(row, KEY), ...columnsOf(row, STATE) })
    .onConflict((conflict) => conflict.columns(KEY).doUpdateSet(columnsOf(row, STATE))),
);

async function announceGone(trx: Trx, keys: readonly StreamKey[], at: number): Promise<BlockChange[]> {
  if (keys.length === 0) return [];
  const firstSeq = (await take(trx, 'feed', keys.length)) - keys.length + 1;
  await announceBlocks(trx, keys, { firstSeq, at });
  return keys.map(({ domain, app, stream }, index) => {
    return { key: { domain, app, stream }, version: firstSeq + index, block: null };
  });
}

function recordForbid(
  trx: Trx,
  { caller, key, reason, now }: ForbidWrite,
  became: Pick<ControlCall, 'outcome' | 'resumeAt'>,
): Promise<number> {
  return recordCall(trx, { caller, at: now, key, reason, ...became });
}

function inForceOf(db: Kysely<MainSchema>, query: BlockQuery) {
  const { accountId, now, domain, app, stream, expiresBefore, expiresAfter } = query;
  let rows = db
    .selectFrom('blocks')
    .where('account_id', '=', accountId)
    .where((eb) => eb.or([eb('resume_at', 'is', null), eb('resume_at', '>', now)]));
  if (domain !== undefined) rows = rows.where('domain', '=', domain);
  if (app !== undefined) rows = rows.where('app', '=', app);
  if (stream !== undefined) rows = rows.where('stream', '=', stream);
  if (expiresBefore !== undefined) rows = rows.where('resume_at', '<', expiresBefore);
  if (expiresAfter !== undefined)
    rows = rows.where((eb) => eb.or([eb('resume_at', 'is', null), eb('resume_at', '>=', expiresAfter)]));
  return rows;
}
