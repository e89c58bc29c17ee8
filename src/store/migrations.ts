import { sql } from 'kysely';
import type { CreateTableBuilder, Kysely } from 'kysely';

/** One step of a file's schema. Its number never changes and its text only until it is released. */
export interface Migration {
  readonly index: number;
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
}

const text = 'text';
const integer = 'bigint';

function withAuditColumns(table: CreateTableBuilder<string>): CreateTableBuilder<string> {
  return table
    .addColumn('at', integer, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('account_id', text)
    .addColumn('access_key_id', text)
    .addColumn('client_address', text, (column) => column.notNull())
    .addColumn('status', integer, (column) => column.notNull())
    .addColumn('code', text)
    .addColumn('kind', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_pk', ['at', 'request_id'] as never);
}

async function createMeta(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('value', text, (column) => column.notNull())
    .execute();
}

async function createFeed(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('counters')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('value', integer, (column) => column.notNull())
    .execute();
  await sql`insert into counters (name, value) values ('feed', 0), ('history', 0)`.execute(db);
  await db.schema
    .createTable('changes')
    .addColumn('seq', integer, (column) => column.primaryKey().notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('domain', text)
    .addColumn('app', text)
    .addColumn('stream', text)
    .addColumn('access_key_id', text)
    .execute();
}

async function createBlocks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blocks')
    .addColumn('domain', text, (column) => column.notNull())
    .addColumn('app', text, (column) => column.notNull())
    .addColumn('stream', text, (column) => column.notNull())
    .addColumn('account_id', text, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('resume_at', integer)
    .addColumn('reason', text)
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('updated_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('blocks_pk', ['domain', 'app', 'stream'])
    .execute();
  await db.schema.createIndex('blocks_account').on('blocks').columns(['account_id', 'resume_at']).execute();
  await db.schema.createIndex('blocks_resume').on('blocks').column('resume_at').execute();
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('control_history')
    .addColumn('id', integer, (column) => column.primaryKey().notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('account_id', text, (column) => column.notNull())
    .addColumn('access_key_id', text, (column) => column.notNull())
    .addColumn('client_address', text, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('domain', text, (column) => column.notNull())
    .addColumn('app', text, (column) => column.notNull())
    .addColumn('stream', text, (column) => column.notNull())
    .addColumn('reason', text)
    .addColumn('outcome', text, (column) => column.notNull())
    .addColumn('resume_at', integer)
    .addColumn('publishers', integer)
    .addColumn('players', integer)
    .execute();
  await db.schema.createIndex('history_at').on('control_history').column('at').execute();
  await db.schema.createIndex('history_domain').on('control_history').columns(['domain', 'at']).execute();
}

async function createKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_keys')
    .addColumn('access_key_id', text, (column) => column.primaryKey().notNull())
    .addColumn('account_id', text, (column) => column.notNull())
    .addColumn('sealed_secret', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('note', text)
    .addColumn('root', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('nonces')
    .addColumn('access_key_id', text, (column) => column.notNull())
    .addColumn('nonce', text, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('nonces_pk', ['access_key_id', 'nonce'])
    .execute();
  await db.schema.createIndex('nonces_expiry').on('nonces').column('expires_at').execute();
}

async function createPublishes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('publishes')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('run_id', text, (column) => column.notNull())
    .addColumn('domain', text, (column) => column.notNull())
    .addColumn('app', text, (column) => column.notNull())
    .addColumn('stream', text, (column) => column.notNull())
    .addColumn('push_domain', text, (column) => column.notNull())
    .addColumn('client_address', text, (column) => column.notNull())
    .addColumn('server_address', text, (column) => column.notNull())
    .addColumn('started_at', integer, (column) => column.notNull())
    .addColumn('ended_at', integer)
    .addColumn('end_reason', text)
    .addColumn('bytes', integer)
    .execute();
  await db.schema.createIndex('publishes_domain').on('publishes').columns(['domain', 'started_at']).execute();
  await db.schema.createIndex('publishes_end').on('publishes').column('ended_at').execute();
}

async function createSums(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('anonymous_calls')
    .addColumn('minute', integer, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('calls', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('anonymous_calls_pk', ['minute', 'source'])
    .execute();
  await db.schema
    .createTable('refused_publishes')
    .addColumn('minute', integer, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('target', text, (column) => column.notNull())
    .addColumn('problem', text, (column) => column.notNull())
    .addColumn('attempts', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('refused_publishes_pk', ['minute', 'source', 'target', 'problem'])
    .execute();
}

async function addEntities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('entities')
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('account_id', text, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('document', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('entities_pk', ['kind', 'id'])
    .execute();
  await db.schema.alterTable('changes').addColumn('entity_kind', text).execute();
  await db.schema.alterTable('changes').addColumn('entity_id', text).execute();
  await db.schema.alterTable('access_keys').addColumn('user_id', text).execute();
}

/**
 * Columns one by one: SQLite adds no more than one in a statement. The RequestId and the caller's address have no index:
 * such values come in no order, and every writing call would pay for them with pages of their own. Account and value are
 * one expression: without statistics, SQLite prefers the index of the account alone to one of both.
 */
async function addAuditColumns(db: Kysely<unknown>, table: string): Promise<void> {
  for (const column of ['actor', 'target', 'effect'])
    await db.schema.alterTable(table).addColumn(column, text).execute();
  await db.schema
    .createIndex(`${table}_account`)
    .on(table)
    .columns(['account_id', 'at', 'request_id'])
    .execute();
  for (const column of ['target', 'access_key_id', 'actor', 'action', 'code'])
    await sql`create index ${sql.ref(`${table}_${column}`)} on ${sql.table(table)}
      ((account_id || ' ' || ${sql.ref(column)}), at, request_id)
      where ${sql.ref(column)} is not null`.execute(db);
}

/** The schema of `sluice.db`, step by step. */
export const mainMigrations: readonly Migration[] = [
  {
    index: 1,
    name: 'blocks, feed, history, keys, audit',
    async up(db) {
      await createMeta(db);
      await createFeed(db);
      await createBlocks(db);
      await createHistory(db);
      await createKeys(db);
      await withAuditColumns(db.schema.createTable('audit')).execute();
    },
  },
  {
    index: 2,
    name: 'accounts and what they own; who did what in the audit',
    async up(db) {
      await addEntities(db);
      await addAuditColumns(db, 'audit');
    },
  },
];

/** The schema of `sluice-log.db`, step by step. */
export const logMigrations: readonly Migration[] = [
  {
    index: 1,
    name: 'publishes, reads, sums',
    async up(db) {
      await createMeta(db);
      await createPublishes(db);
      await withAuditColumns(db.schema.createTable('read_audit')).execute();
      await createSums(db);
    },
  },
  {
    index: 2,
    name: 'who did what in the audit of reads',
    up: (db) => addAuditColumns(db, 'read_audit'),
  },
];
