import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Writes the write-ahead log of a database again, byte for byte, and syncs it. An earlier process may have ended when a
 * sync failed: its frames are then in the system's cache as if they were on the disk, and no later sync writes them.
 * SQLite reads them as committed and appends to them, and a power cut would take all of that. Whoever calls this holds
 * the write lock, so that nobody appends meanwhile; SQLite has no lock on the log itself that closing it could drop.
 */
export function rewriteLog(path: string): void {
  const log = `${path}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const file = openSync(log, 'r+');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let at = 0;
    for (let read = -1; read !== 0; at += read) {
      read = readSync(file, chunk, 0, CHUNK_BYTES, at);
      writeSync(file, chunk, 0, read, at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
