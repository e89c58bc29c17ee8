import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StartError } from '../../src/base/errors.ts';
import { connect } from '../../src/store/sqlite.ts';
import { afterwards, forbidding, tempDirectory, testStore, threadStore } from './support/test-store.ts';

const MAIN = 'sluice.db';
const LOG = 'sluice-log.db';

/** A store with some content, closed. */
async function madeStore(): Promise<string> {
  const directory = tempDirectory();
  const store = await testStore({ directory });
  const reason = 'r'.repeat(500);
  const writes = Array.from({ length: 400 }, (_, i) => store.blocks.forbid(forbidding(`s${i}`, { reason })));
  await Promise.all(writes);
  await store.close();
  return directory;
}

async function refused(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  const { message } = error as StartError;
  expect(message).not.toContain('\n');
  return message;
}

async function change(path: string, statements: string): Promise<void> {
  const connection = await connect(path);
  connection.exec(statements);
  connection.close();
}

describe('a fresh store', () => {
  it('is made with narrow modes, also below folders that are missing', async () => {
    const directory = join(tempDirectory(), 'a', 'b');
    await testStore({ directory });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of [MAIN, LOG, `${MAIN}-wal`, `${LOG}-wal`])
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  });

  it('narrows the mode of files that were opened wide', async () => {
    const directory = await madeStore();
    chmodSync(join(directory, MAIN), 0o644);
    await testStore({ directory });
    expect(statSync(join(directory, MAIN)).mode & 0o777).toBe(0o600);
  });
});

describe('a directory that cannot be', () => {
  it.each(['', 'sub'])('because a file is in the way (%s)', async (below) => {
    const file = join(tempDirectory(), 'file');
    writeFileSync(file, '');
    const message = await refused(testStore({ directory: join(file, below) }));
    expect(message).toMatch(/cannot be made .*: a part of the path is a file; name a directory$/);
  });

  it('because a store must be there already', async () => {
    const directory = join(tempDirectory(), 'none');
    const message = await refused(testStore({ directory, mustExist: true }));
    expect(message).toMatch(/^there is no store in .*: name the directory of a store/);
    expect(existsSync(directory)).toBe(false);
    await testStore({ directory: await madeStore(), mustExist: true });
  });
});

describe('half a store', () => {
  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['empty', (path: string) => truncateSync(path)],
  ])('is no fresh one: the main file is %s', async (_, damage) => {
    const directory = await madeStore();
    damage(join(directory, MAIN));
    expect(await refused(testStore({ directory }))).toMatch(
      /is missing or empty although .* is there: restore/,
    );
  });

  it('without the log is the same store with an empty history', async () => {
    const directory = await madeStore();
    rmSync(join(directory, LOG));
    expect((await (await testStore({ directory })).feed.snapshot()).blocks).toHaveLength(400);
  });
});

describe('a file that is no good', () => {
  it.each([MAIN, LOG])('no database: %s', async (file) => {
    const directory = await madeStore();
    writeFileSync(join(directory, file), 'this is no database '.repeat(1000));
    expect(await refused(testStore({ directory }))).toMatch(
      /is damaged or no database \(file is not a database\): restore it from a backup/,
    );
    expect(readFileSync(join(directory, file), 'utf8')).toContain('this is no database');
  });

  it('pages overwritten', async () => {
    const directory = await madeStore();
    const path = join(directory, MAIN);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 8192);
    writeFileSync(path, bytes);
    expect(await refused(testStore({ directory }))).toMatch(/is damaged or no database \(.*\): restore/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('cut short', async () => {
    const directory = await madeStore();
    const path = join(directory, MAIN);
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    expect(await refused(testStore({ directory }))).toMatch(/is damaged or no database \(.*\): restore/);
  });

  it.each([MAIN, LOG])('written by a newer version: %s', async (file) => {
    const directory = await madeStore();
    await change(join(directory, file), "insert into schema_migrations values (99, 'future', 0)");
    expect(await refused(testStore({ directory }))).toMatch(
      /was written by a newer version \(schema 99, this one knows \d+\): start that version/,
    );
  });

  it('locked by another program', async () => {
    const directory = tempDirectory();
    await (await threadStore({ directory })).close();
    const other = await connect(join(directory, MAIN));
    afterwards(() => other.close());
    other.exec('pragma locking_mode = exclusive; begin exclusive');
    expect(await refused(testStore({ directory, busyTimeoutMs: 50 }))).toMatch(
      /is locked by another program: end what else has this store open/,
    );
  });

  it('no room on its disk', async () => {
    const message = await refused(testStore({ maxBytes: 16_384 }));
    expect(message).toMatch(/^there is no room for .*: free some space on its disk$/);
  });

  it('is told through the thread too', async () => {
    const directory = await madeStore();
    await change(join(directory, MAIN), "insert into schema_migrations values (99, 'future', 0)");
    expect(await refused(threadStore({ directory }))).toMatch(/was written by a newer version/);
  });
});

/** Opens a store in a child without root's power over files; resolves with the error's name and text. */
function openUnprivileged(directory: string): Promise<string> {
  const script = join(import.meta.dirname, 'support', 'open-once.ts');
  const run = [process.execPath, '--import', 'tsx', script, directory];
  // Another user will not do for root: in the folder of this project it may not be able to read a single file.
  const weaken = ['setpriv', '--bounding-set=-dac_override,-dac_read_search,-fowner'];
  const [program = '', ...args] = process.getuid?.() === 0 ? [...weaken, ...run] : run;
  const child = spawn(program, args);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}

describe('a place without the right to write', () => {
  it('a directory that may not be made', async () => {
    const closed = join(tempDirectory(), 'closed');
    mkdirSync(closed, 0o555);
    chmodSync(closed, 0o555);
    expect(await openUnprivileged(join(closed, 'new'))).toMatch(
      /^StartError: the directory .* cannot be made .*: give this user the right to write there, or name another/,
    );
  });

  it.runIf(process.getuid?.() === 0)('a store of another user (run as root)', async () => {
    const directory = await madeStore();
    const file = join(directory, MAIN);
    const closed = join(directory, 'closed');
    mkdirSync(closed);
    for (const path of [directory, closed, file]) chownSync(path, 65_534, 65_534);
    for (const path of [directory, closed]) chmodSync(path, 0o555);
    expect(await openUnprivileged(closed)).toMatch(
      /^StartError: .*sluice.db cannot be made .*: give this user the right to write there/,
    );
    chmodSync(file, 0o444);
    expect(await openUnprivileged(directory)).toMatch(
      /^StartError: .*sluice.db cannot be written \(.*\): give this user the right to write the file and its directory\n$/,
    );
    chmodSync(file, 0o600);
    expect(await openUnprivileged(directory)).toMatch(
      /^StartError: .*sluice.db cannot be written \(.*\): give/,
    );
  });
});

describe('another service', () => {
  it('may not use the directory, and leaves the publishes of the first alone', async () => {
    const directory = tempDirectory();
    const first = await testStore({ directory });
    const message = await refused(testStore({ directory }));
    expect(message).toMatch(/^another sluice serve uses the data folder .*: stop it, or name another folder/);
    await testStore({ directory, role: 'tool' });
    await first.close();
    await testStore({ directory });
  });
});
