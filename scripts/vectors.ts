import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge, parseVectors, type SignatureVector } from '../test/support/signature-vectors.ts';

const USAGE = `Usage: npm run vectors -- FILE...

Runs the signature verifier over files of signature vectors (the form of test/vectors/signatures.json), clock and
nonce aside. Prints every wrong verdict with its reason, then one summary line per file.

Exit code: 0 when every verdict is right, 1 when one is wrong, 2 when a file cannot be read or is not of that form.
`;

/** The exit code of a usage error and of a file that cannot be judged. */
const UNUSABLE = 2;

function main(): number {
  let given;
  try {
    given = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    return unusable(`${messageOf(error)}\n\n${USAGE}`);
  }
  if (given.values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (given.positionals.length === 0) return unusable(USAGE);
  return Math.max(...given.positionals.map(run));
}

function run(file: string): number {
  let vectors: SignatureVector[];
  try {
    vectors = parseVectors(readFileSync(file, 'utf8'));
  } catch (error) {
    return unusable(`${file}: ${messageOf(error)}\n`);
  }
  let wrong = 0;
  for (const vector of vectors) {
    const { got, why } = judge(vector);
    if (got === vector.expect) continue;
    wrong += 1;
    process.stdout.write(`WRONG ${vector.name}\n  expected ${vector.expect}, got ${got}\n  ${why}\n`);
  }
  process.stdout.write(
    `${file}: ${vectors.length} vectors, ${vectors.length - wrong} right, ${wrong} wrong\n`,
  );
  return wrong === 0 ? 0 : 1;
}

function unusable(text: string): number {
  process.stderr.write(text);
  return UNUSABLE;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = main();
