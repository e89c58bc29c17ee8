import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import type { BlockChange } from '../core/blocks.ts';
import type { EntityChange, EntityKind } from '../core/entities.ts';
import type { StreamKey } from '../core/names.ts';
import type { BlockTable, ChangeTable, MainSchema } from './schema.ts';
import { blockColumns, toBlock } from './block-rows.ts';
import { take } from './counters.ts';
import { entityColumns, toEntityChange } from './entity-rows.ts';
import { keyColumns, toSealedKey } from './key-rows.ts';
import type { SealedKey } from './key-rows.ts';
import { columnsOf, prepared } from './prepared.ts';

/** Changes that one look at the feed returns at most. */
const FEED_PAGE = 500;

/** A change of the feed before secrets are opened. */
export type SealedChange =
  | { readonly seq: number; readonly kind: 'block'; readonly change: BlockChange }
  | {
      readonly seq: number;
      readonly kind: 'key';
      readonly accessKeyId: string;
      readonly key: SealedKey | null;
    }
  | { readonly seq: number; readonly kind: 'entity'; readonly change: EntityChange };

const CHANGE = [
  'seq',
  'at',
  'kind',
  'domain',
  'app',
  'stream',
  'access_key_id',
  'entity_kind',
  'entity_id',
] as const satisfies readonly (keyof ChangeTable)[];

const NOTHING = {
  domain: null,
  app: null,
  stream: null,
  access_key_id: null,
  entity_kind: null,
  entity_id: null,
};

/** The number of the first of some changes, and their time. */
interface Numbering {
  readonly firstSeq: number;
  readonly at: number;
}

/** Writes one feed row per key, numbered from `firstSeq`. */
export async function announceBlocks(
  trx: Transaction<MainSchema>,
  keys: readonly StreamKey[],
  from: Numbering,
): Promise<void> {
  const rows = keys.map(({ domain, app, stream }) => {
    return { ...NOTHING, kind: 'block' as const, domain, app, stream };
  });
  await announce(trx, rows, from);
}

/** Writes the feed row of a key. */
export async function announceKey(
  trx: Transaction<MainSchema>,
  { seq, at, accessKeyId }: { seq: number; at: number; accessKeyId: string },
): Promise<void> {
  await announce(trx, [{ ...NOTHING, kind: 'key', access_key_id: accessKeyId }], { firstSeq: seq, at });
}

/** Writes one feed row per entity, numbered from `firstSeq`. */
export async function announceEntities(
  trx: Transaction<MainSchema>,
  entities: readonly { readonly kind: EntityKind; readonly id: string }[],
  from: Numbering,
): Promise<void> {
  const rows = entities.map(({ kind, id }) => {
    return { ...NOTHING, kind: 'entity' as const, entity_kind: kind, entity_id: id };
  });
  await announce(trx, rows, from);
}

async function announce(
  trx: Transaction<MainSchema>,
  rows: readonly Omit<ChangeTable, 'seq' | 'at'>[],
  { firstSeq, at }: Numbering,
): Promise<void> {
  for (const [index, row] of rows.entries()) await insert(trx, { ...row, seq: firstSeq + index, at });
}

const insert = prepared((trx: Kysely<MainSchema>, row: ChangeTable) =>
  trx.insertInto('changes').values(columnsOf(row, CHANGE)),
);

/** The number of the newest change. */
export async function head(db: Kysely<MainSchema>): Promise<number> {
  const { rows } = await feedCounter(db, {});
  const [counter] = rows;
  if (!counter) throw new Error('the counter of the feed is missing');
  return counter.value;
}

const feedCounter = prepared((db: Kysely<MainSchema>, _none: object) =>
  db.selectFrom('counters').select('value').where('name', '=', 'feed'),
);

/** Everything that a node keeps in memory, as of one moment. */
export function snapshot(db: Kysely<MainSchema>) {
  return reading(db, async (trx) => {
    const seq = await head(trx);
    const blocks = await trx.selectFrom('blocks').select(blockColumns).execute();
    const keys = await trx.selectFrom('access_keys').select(keyColumns).execute();
    const entities = await trx.selectFrom('entities').select(entityColumns).execute();
    return {
      seq,
      blocks: blocks.map(toBlock),
      keys: keys.map(toSealedKey),
      entities: entities.map(toEntityChange),
    };
  });
}

/**
 * The changes after `seq`. A hole after `seq` means trimmed rows; a head below `seq` means that the file was replaced by
 * an older one: both are a gap.
 */
export async function changesSince(
  db: Kysely<MainSchema>,
  { seq }: { seq: number },
): Promise<{ changes: SealedChange[]; gap: boolean }> {
  const newest = await head(db);
  if (newest === seq) return { changes: [], gap: false };
  if (newest < seq) return { changes: [], gap: true };
  const changes = await reading(db, (trx) => joined(trx, seq));
  const gap = changes[0]?.seq !== seq + 1;
  return gap ? { changes: [], gap } : { changes, gap };
}

async function joined(trx: Kysely<MainSchema>, seq: number): Promise<SealedChange[]> {
  const rows = await trx
    .selectFrom('changes')
    .leftJoin('blocks', (join) =>
      join
        .onRef('blocks.domain', '=', 'changes.domain')
        .onRef('blocks.app', '=', 'changes.app')
        .onRef('blocks.stream', '=', 'changes.stream'),
    )
    .select(['seq', 'kind', 'access_key_id', 'entity_kind', 'entity_id'])
    .select(['changes.domain', 'changes.app', 'changes.stream'])
    .select(['account_id', 'version', 'resume_at', 'reason', 'actor', 'created_at', 'updated_at'])
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(FEED_PAGE)
    .execute();
  const ids = new Set(rows.flatMap((row) => row.access_key_id ?? []));
  const keys = await sealedKeys(trx, [...ids]);
  const entities = await entitiesOf(trx, rows);
  return rows.map((row): SealedChange => {
    const { seq } = row;
    switch (row.kind) {
      case 'block':
        return { seq, kind: 'block', change: blockChange(row) };
      case 'key': {
        const accessKeyId = row.access_key_id ?? '';
        return { seq, kind: 'key', accessKeyId, key: keys.get(accessKeyId) ?? null };
      }
      case 'entity': {
        const named = { kind: row.entity_kind ?? 'account', id: row.entity_id ?? '' };
        const known = entities.get(`${named.kind}/${named.id}`);
        return { seq, kind: 'entity', change: known ?? { ...named, version: seq, entity: null } };
      }
    }
  });
}

/** The entities that rows of the feed name, as they are now. */
async function entitiesOf(
  trx: Kysely<MainSchema>,
  rows: readonly { entity_kind: EntityKind | null; entity_id: string | null }[],
): Promise<Map<string, EntityChange>> {
  const ids = [...new Set(rows.flatMap((row) => row.entity_id ?? []))];
  if (ids.length === 0) return new Map();
  const found = await trx.selectFrom('entities').select(entityColumns).where('id', 'in', ids).execute();
  return new Map(found.map((row) => [`${row.kind}/${row.id}`, toEntityChange(row)]));
}

type JoinedRow = { seq: number } & { [column in keyof BlockTable]: BlockTable[column] | null };

function blockChange(row: JoinedRow): BlockChange {
  const key = { domain: row.domain ?? '', app: row.app ?? '', stream: row.stream ?? '' };
  // A block that is there may be newer than this row: its own version tells, and the later row repeats it.
  if (row.version === null) return { key, version: row.seq, block: null };
  return { key, version: row.version, block: toBlock(row as BlockTable) };
}

async function sealedKeys(trx: Kysely<MainSchema>, ids: string[]): Promise<Map<string, SealedKey>> {
  if (ids.length === 0) return new Map();
  const rows = await trx
    .selectFrom('access_keys')
    .select(keyColumns)
    .where('access_key_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.access_key_id, toSealedKey(row)]));
}

/** Several statements that must see one state. */
function reading<T>(db: Kysely<MainSchema>, work: (trx: Transaction<MainSchema>) => Promise<T>): Promise<T> {
  return db.transaction().setAccessMode('read only').setIsolationLevel('repeatable read').execute(work);
}

/** Forgets changes by age and count, always the oldest: a hole further up would be a gap for every reader. */
export async function trimFeed(
  trx: Transaction<MainSchema>,
  bound: { before: number; rows: number; atMost: number },
): Promise<boolean> {
  const newest = await take(trx, 'feed', 0);
  const { oldest, aged } = await trx
    .selectFrom('changes')
    .select((eb) => [
      eb.fn.min<number | null>('seq').as('oldest'),
      sql<number | null>`max(case when at <= ${bound.before} then seq end)`.as('aged'),
    ])
    .executeTakeFirstOrThrow();
  if (oldest === null) return false;
  const last = Math.max(newest - bound.rows, aged ?? 0);
  const until = Math.min(last, oldest + bound.atMost - 1);
  if (until >= oldest) await trx.deleteFrom('changes').where('seq', '<=', until).execute();
  return until < last;
}
