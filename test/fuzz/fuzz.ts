import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { damaged, noise } from './damage.ts';

/** A reader of foreign bytes, and what holds for it whatever they are. */
export interface FuzzTarget {
  /** Also the name of its folder of seeds. */
  readonly name: string;
  /** Inputs made of the format's own parts; noise and damaged seeds come besides. */
  readonly made: fc.Arbitrary<Buffer>;
  /** Inputs tried under `npm test`. */
  readonly runs: number;
  /** Throws, or rejects, when something does not hold. */
  readonly check: (input: Buffer) => void | Promise<void>;
  /** Opens what `check` needs. */
  readonly open?: () => Promise<AsyncDisposable>;
}

const SEEDS = join(import.meta.dirname, 'seeds');
const ROOT = join(import.meta.dirname, '../..');

/** An input that is kept: it broke the target once, or gets far into it. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The seeds of a target, by name. */
export function seedsOf(target: string): Seed[] {
  const folder = join(SEEDS, target);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** The folders of seeds that there are. */
export function seedFolders(): string[] {
  return readdirSync(SEEDS).sort();
}

/**
 * Tries `runs` inputs. One that breaks the target is shrunk and kept among its seeds.
 * @throws Error that says where it is kept and how to run the same again.
 */
export async function fuzz(
  target: FuzzTarget,
  { runs, seed }: { runs: number; seed: number },
): Promise<void> {
  const corpus = seedsOf(target.name).map(({ bytes }) => bytes);
  const inputs = fc.oneof(
    { weight: 1, arbitrary: noise },
    { weight: 3, arbitrary: target.made },
    { weight: 3, arbitrary: damaged(target.made) },
    ...(corpus.length > 0 ? [{ weight: 5, arbitrary: damaged(fc.constantFrom(...corpus), corpus) }] : []),
  );
  const property = fc.asyncProperty(inputs, async (input) => target.check(input));
  const found = await fc.check(property, { numRuns: runs, seed });
  if (!found.failed) return;
  const [input] = found.counterexample ?? [];
  const kept = input === undefined ? 'nothing' : relative(ROOT, keep(target.name, input));
  throw new Error(
    `${target.name} broke; the input is kept as ${kept}, commit it with the mend.\n` +
      `Again: npx vitest run test/fuzz/fuzz.test.ts -t '${target.name} kept'\n` +
      `The whole run again: SLUICE_TEST_LONG=1 SLUICE_FUZZ_SEED=${seed} ` +
      `npx vitest run test/fuzz/fuzz.long.test.ts -t '${target.name} '`,
    { cause: found.errorInstance },
  );
}

function keep(target: string, input: Buffer): string {
  const folder = join(SEEDS, target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `found-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
  writeFileSync(path, input);
  return path;
}
