import { Kysely } from 'kysely';
import { sqliteDialect } from '../../src/store/dialect.ts';
import { prepareFiles } from '../../src/store/files.ts';
import { migrate } from '../../src/store/migrate.ts';
import { logMigrations, mainMigrations } from '../../src/store/migrations.ts';
import { connect } from '../../src/store/sqlite.ts';

/** The tables that {@link fillOldStore} fills, and the files that they are in. */
export const OLD_ROWS = [
  ['sluice.db', 'blocks'],
  ['sluice.db', 'audit'],
  ['sluice.db', 'changes'],
  ['sluice-log.db', 'read_audit'],
] as const;

const AUDIT = `(at, request_id, action, account_id, access_key_id, client_address, status, kind)
  select n, 'R' || n, 'ForbidLiveStream', '1000000000000001', 'AK1', '192.0.2.1', 200, 'write' from numbers`;

/** Makes a store as the first version left it, closed, with so many rows in each of {@link OLD_ROWS}. */
export async function fillOldStore(directory: string, { rows }: { rows: number }): Promise<void> {
  const files = prepareFiles(directory, false);
  const numbers = `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${rows})`;
  await fill(files.main, mainMigrations.slice(0, 1), [
    `insert into blocks (domain, app, stream, account_id, version, actor, created_at, updated_at)
      ${numbers} select 'live.example.com', 'app', 's' || n, '1000000000000001', n, 'AK1', n, n from numbers`,
    `insert into changes (seq, at, kind, domain, app, stream)
      ${numbers} select n, n, 'block', 'live.example.com', 'app', 's' || n from numbers`,
    `insert into audit ${AUDIT.replace('select n', `${numbers} select n`)}`,
    `update counters set value = ${rows} where name = 'feed'`,
  ]);
  await fill(files.log, logMigrations.slice(0, 1), [
    `insert into read_audit ${AUDIT.replace('select n', `${numbers} select n`)}`,
  ]);
}

async function fill(
  path: string,
  migrations: Parameters<typeof migrate>[1]['migrations'],
  statements: readonly string[],
): Promise<void> {
  const connection = await connect(path);
  connection.exec('pragma journal_mode = wal');
  await migrate(new Kysely({ dialect: sqliteDialect(connection) }), { migrations, path, now: 0 });
  for (const statement of statements) connection.exec(statement);
  connection.exec('pragma wal_checkpoint(truncate)');
  connection.close();
}
