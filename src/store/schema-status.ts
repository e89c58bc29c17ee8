import { existsSync } from 'node:fs';
import { messageOf, StartError } from '../base/errors.ts';
import { storeFiles } from './files.ts';
import { logMigrations, mainMigrations } from './migrations.ts';
import type { Migration } from './migrations.ts';
import { connect } from './sqlite.ts';

/** How far the schema of one file of a store is. */
export interface SchemaStatus {
  readonly path: string;
  /** Number of the last migration that was applied; 0 for a file that is not there. */
  readonly applied: number;
  /** Number of the last migration that this version knows. */
  readonly newest: number;
}

/** Reads the schema of a store's files and changes nothing. @throws StartError when a file cannot be read */
export async function schemaStatus(directory: string): Promise<SchemaStatus[]> {
  const { main, log } = storeFiles(directory);
  return [await statusOf(main, mainMigrations), await statusOf(log, logMigrations)];
}

async function statusOf(path: string, migrations: readonly Migration[]): Promise<SchemaStatus> {
  const newest = migrations.at(-1)?.index ?? 0;
  if (!existsSync(path)) return { path, applied: 0, newest };
  try {
    return { path, applied: await lastApplied(path), newest };
  } catch (error) {
    throw new StartError(`${path} cannot be read (${messageOf(error)}): check the file`, { cause: error });
  }
}

async function lastApplied(path: string): Promise<number> {
  const connection = await connect(path);
  try {
    const known = connection
      .prepare("select 1 from sqlite_master where type = 'table' and name = 'schema_migrations'")
      .all();
    if (known.length === 0) return 0;
    const [row] = connection.prepare('select max(number) as number from schema_migrations').all() as {
      number: number | null;
    }[];
    return row?.number ?? 0;
  } finally {
    connection.close();
  }
}
