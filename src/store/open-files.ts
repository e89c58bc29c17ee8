import { StartError } from '../base/errors.ts';
import { prepareFiles } from './files.ts';
import type { StoreFiles } from './files.ts';
import { logMigrations, mainMigrations } from './migrations.ts';
import { IN_MEMORY, openDatabase } from './open-database.ts';
import type { OpenDatabase } from './open-database.ts';
import type { LogSchema, MainSchema } from './schema.ts';

/** How the files of a store are opened. */
export interface FileSettings {
  /** Null: databases in memory, which end with the thread that opened them. */
  readonly directory: string | null;
  /** Refuse to make a store where there is none. */
  readonly mustExist: boolean;
  /** Milliseconds to wait for the lock of another process. */
  readonly busyTimeoutMs: number;
  /** The most bytes that each file may grow to; 0: as the disk allows. */
  readonly maxBytes: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Both files of a store, open. */
export interface OpenFiles {
  readonly main: OpenDatabase<MainSchema>;
  readonly log: OpenDatabase<LogSchema>;
}

/** Opens both files; the second is made only after the first holds its schema. @throws StartError */
export async function openFiles(settings: FileSettings): Promise<OpenFiles> {
  const { directory, mustExist, ...shared } = settings;
  const paths = directory === null ? placesInMemory(mustExist) : prepareFiles(directory, mustExist);
  const main = await openDatabase<MainSchema>({
    ...shared,
    path: paths.main,
    synchronous: 'FULL',
    migrations: mainMigrations,
  });
  try {
    const log = await openDatabase<LogSchema>({
      ...shared,
      path: paths.log,
      synchronous: 'NORMAL',
      migrations: logMigrations,
    });
    return { main, log };
  } catch (error) {
    main.close();
    throw error;
  }
}

/** @throws StartError when there must have been a store: what was in memory is gone. */
function placesInMemory(mustExist: boolean): StoreFiles {
  if (mustExist) throw new StartError('the store was in memory and is lost: start the service anew');
  return { main: IN_MEMORY, log: IN_MEMORY };
}
