import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mainMigrations } from '../../src/store/migrations.ts';
import { rowsOf, tempDirectory } from '../store/support/test-store.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { until } from '../support/wait.ts';
import { fillOldStore, OLD_ROWS } from './old-store.ts';

const ROWS = 40_000;
const ROUNDS = 8;
const MIB = 1024 * 1024;

const env = { SLUICE_MASTER_KEY: randomBytes(32).toString('base64') };
const migrating = (directory: string): SluiceProcess =>
  new SluiceProcess(['migrate', '--data', directory], env);

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

async function expectWhole(directory: string): Promise<void> {
  for (const [file, table] of OLD_ROWS)
    expect(await rowsOf(join(directory, file), `select count(*) as n from ${table}`), table).toEqual([
      { n: ROWS },
    ]);
}

it('loses no row of a large store when it is killed amid its migration', { timeout: 300_000 }, async () => {
  const old = tempDirectory();
  await fillOldStore(old, { rows: ROWS });
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const directory = join(tempDirectory(), 'store');
    cpSync(old, directory, { recursive: true });
    {
      await using process = migrating(directory);
      // Later and later in what the migration writes, of either file.
      const file = round % 2 === 0 ? 'sluice.db' : 'sluice-log.db';
      const log = join(directory, `${file}-wal`);
      const isOver = (): boolean => process.child.exitCode !== null;
      await until(() => isOver() || sizeOf(log) > round * MIB, 'the migration to write', 60_000);
      process.child.kill('SIGKILL');
      if ((await process.ended) === 'SIGKILL') killed += 1;
    }
    const path = join(directory, 'sluice.db');
    const [version] = await rowsOf(path, 'select max(number) as n from schema_migrations');
    expect([1, mainMigrations.length]).toContain(version?.['n']);
    await expectWhole(directory);
    const again = migrating(directory);
    expect({ code: await again.ended, err: again.err }).toEqual({ code: 0, err: '' });
    await expectWhole(directory);
    expect(await rowsOf(path, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    rmSync(directory, { recursive: true });
  }
  expect(killed).toBeGreaterThan(ROUNDS / 2);
});
