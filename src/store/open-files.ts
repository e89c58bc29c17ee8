import { prepareFiles } from './files.ts';
import { logMigrations, mainMigrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import type { OpenDatabase } from './open-database.ts';
import type { LogSchema, MainSchema } from './schema.ts';

/** How the files of a store are opened. */
export interface FileSettings {
  readonly directory: string;
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
  const paths = prepareFiles(directory, mustExist);
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
