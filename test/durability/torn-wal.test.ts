import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/store/sqlite.ts';
import { Random } from '../soak/random.ts';
import { forbidding, rowsOf, tempDirectory, testStore } from '../store/support/test-store.ts';
import { imageOf } from './images.ts';

const FORBIDS = 5;
/** Sizes of SQLite's log: its header, and a frame of a page with its own header. */
const HEADER = 32;
const FRAME = 24 + 4096;

/** What `kill -9` left after some forbids. */
interface Killed {
  readonly image: string;
  readonly wal: Buffer;
  /** The length of the log when each forbid was acknowledged. */
  readonly acknowledgedAt: readonly number[];
}

let killed: Killed;
let images = 0;

beforeEach(async () => {
  killed = await killedStore({ checkpointed: false });
});

/** `checkpointed`: what the log holds is in the file as well. */
async function killedStore({ checkpointed }: { checkpointed: boolean }): Promise<Killed> {
  const directory = tempDirectory();
  const first = await testStore({ directory });
  await first.close();
  const store = await testStore({ directory });
  const acknowledgedAt: number[] = [];
  const path = join(directory, 'sluice.db');
  for (let index = 0; index < FORBIDS; index++) {
    await store.blocks.forbid(forbidding(`s${index}`));
    acknowledgedAt.push(statSync(`${path}-wal`).size);
  }
  if (checkpointed) {
    const other = await connect(path);
    other.exec('pragma wal_checkpoint(passive)');
    other.close();
  }
  const image = imageOf(directory, join(tempDirectory(), 'image'));
  return { image, wal: readFileSync(join(image, 'sluice.db-wal')), acknowledgedAt };
}

/** The names that are blocked in a store that was left with this log, after a look at whether all of each forbid is there. */
async function blockedWith(wal: Buffer, index?: Buffer): Promise<string[]> {
  const directory = imageOf(killed.image, join(tempDirectory(), `image${images++}`));
  writeFileSync(join(directory, 'sluice.db-wal'), wal);
  if (index) writeFileSync(join(directory, 'sluice.db-shm'), index);
  const store = await testStore({ directory });
  const names = (await store.feed.snapshot()).blocks.map(({ key }) => key.stream).sort();
  await store.close();
  const path = join(directory, 'sluice.db');
  expect(await rowsOf(path, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  for (const table of ['control_history', 'changes', 'nonces', 'audit'])
    expect(await rowsOf(path, `select count(*) as n from ${table}`), table).toEqual([{ n: names.length }]);
  return names;
}

/** The names whose forbid was acknowledged when the log had so many bytes. */
function acknowledgedWithin(bytes: number): string[] {
  return killed.acknowledgedAt.flatMap((end, index) => (end <= bytes ? [`s${index}`] : []));
}

describe('a log that was cut', () => {
  it('at any frame: every forbid before the cut is there whole, of the others nothing', async () => {
    const { wal } = killed;
    for (let cut = HEADER; cut <= wal.length; cut += FRAME)
      expect(await blockedWith(wal.subarray(0, cut)), `cut at ${cut}`).toEqual(acknowledgedWithin(cut));
    expect(acknowledgedWithin(wal.length)).toHaveLength(FORBIDS);
  });

  it('in the midst of a frame, of its header or of the log’s own', async () => {
    const random = new Random(1);
    const cuts = [0, 1, HEADER - 1, ...Array.from({ length: 20 }, () => random.below(killed.wal.length))];
    for (const cut of cuts)
      expect(await blockedWith(killed.wal.subarray(0, cut)), `cut at ${cut}`).toEqual(
        acknowledgedWithin(cut),
      );
  });

  it('after its content went to the file: the state before the cut or the newest, whole', async () => {
    killed = await killedStore({ checkpointed: true });
    const all = acknowledgedWithin(Infinity);
    for (let cut = HEADER; cut < killed.wal.length; cut += FRAME * 3)
      expect([acknowledgedWithin(cut), all]).toContainEqual(await blockedWith(killed.wal.subarray(0, cut)));
  });
});

describe('a log in which a bit has flipped', () => {
  it('holds up to the frame before it', async () => {
    const random = new Random(2);
    for (let turn = 0; turn < 25; turn++) {
      const at = random.below(killed.wal.length);
      const flipped = Buffer.from(killed.wal);
      flipped[at]! ^= 1 << random.below(8);
      const whole = at < HEADER ? 0 : at - ((at - HEADER) % FRAME);
      expect(await blockedWith(flipped), `flipped at ${at}`).toEqual(acknowledgedWithin(whole));
    }
  });
});

it('needs no index of the log, and believes none that is wrong', async () => {
  const all = acknowledgedWithin(Infinity);
  expect(await blockedWith(killed.wal)).toEqual(all);
  expect(await blockedWith(killed.wal, Buffer.alloc(32_768, 0x5a))).toEqual(all);
});
