import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { OPERATIONS } from '../src/operations/registry.ts';
import { contractTest } from './new-operation/contract-test.ts';
import { operationFile } from './new-operation/operation-file.ts';
import { planOperation } from './new-operation/plan.ts';
import type { OperationPlan } from './new-operation/plan.ts';
import { addToRegistry } from './new-operation/registry-line.ts';
import { vendorOperations } from './vendor/operations.ts';

const USAGE = `Usage: npm run new-operation -- <Name>

Writes the three places of an operation of the product live: its file, its line in the registry, its contract test.
Of an operation of the vendor the parameters, the answer and the limit come from the vendor's table.`;

const root = join(import.meta.dirname, '..');

/** A wrong command line. */
class UsageError extends Error {}

function nameOf(argv: readonly string[]): string | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError('name one operation');
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name))
    throw new UsageError(`${name} is no name: write it as DescribeLiveThing`);
  return name;
}

function placesOf(name: string): Record<'operation' | 'registry' | 'test', string> {
  return {
    operation: `src/operations/${name}.ts`,
    registry: 'src/operations/registry.ts',
    test: `test/operations/${name}.test.ts`,
  };
}

async function writeAll(plan: OperationPlan): Promise<void> {
  const { operation, registry, test } = placesOf(plan.name);
  const texts = {
    [operation]: operationFile(plan),
    [registry]: addToRegistry(await readFile(join(root, registry), 'utf8'), plan.name),
    [test]: contractTest(plan),
  };
  for (const [file, text] of Object.entries(texts)) {
    const path = join(root, file);
    await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
    console.log(`wrote ${file}`);
  }
}

function refuseKnown(name: string): void {
  const { operation, test } = placesOf(name);
  if (OPERATIONS.some((known) => known.name === name)) throw new UsageError(`${name} exists already`);
  for (const file of [operation, test])
    if (existsSync(join(root, file))) throw new UsageError(`${file} exists already`);
}

function nextSteps({ name, ours, open }: OperationPlan): string {
  const { operation, test } = placesOf(name);
  return [
    '',
    'Next:',
    `1. ${operation}: write every sentence that is "To be written.", check types and bounds, add the errors, write the handler.`,
    ...open.map((what) => `   - ${what}`),
    ...(ours ? ['   - it is ours: say so in the first words of its doc'] : []),
    `2. ${test}: write the block "behaviour"; until then it fails.`,
    '3. npm run derive, then npm run verify and npm test.',
  ].join('\n');
}

try {
  const name = nameOf(process.argv.slice(2));
  if (name === undefined) {
    console.log(USAGE);
  } else {
    refuseKnown(name);
    const plan = planOperation(name, vendorOperations().get(name));
    await writeAll(plan);
    console.log(nextSteps(plan));
  }
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(`new-operation: ${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
