import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { contractTest } from '../../scripts/new-operation/contract-test.ts';
import { operationFile, TO_BE_WRITTEN } from '../../scripts/new-operation/operation-file.ts';
import { planOperation } from '../../scripts/new-operation/plan.ts';
import { addToRegistry } from '../../scripts/new-operation/registry-line.ts';
import { pageFacts } from '../../scripts/derive/api.ts';
import { vendorOperations } from '../../scripts/vendor/operations.ts';
import { apiPages } from '../../src/operations/derive/pages.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';

const root = join(import.meta.dirname, '../..');
const vendor = vendorOperations();
const registry = readFileSync(join(root, 'src/operations/registry.ts'), 'utf8');

/** What the compiler says of the syntax of a text. It keeps the list with the tree, and does not declare it. */
function syntaxErrors(text: string): string[] {
  const tree = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2023);
  const { parseDiagnostics } = tree as unknown as { parseDiagnostics: readonly ts.Diagnostic[] };
  return parseDiagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('what is written', () => {
  it('would not pass with an error in it', () => expect(syntaxErrors('const = 1')).not.toEqual([]));

  it('has the syntax of TypeScript for every operation of the vendor', () => {
    for (const [name, facts] of vendor) {
      const plan = planOperation(name, facts);
      expect(syntaxErrors(operationFile(plan)), name).toEqual([]);
      expect(syntaxErrors(contractTest(plan)), name).toEqual([]);
    }
  });

  it('takes kind, level and limit from the name and the vendor', () => {
    const planned = (name: string) => {
      const { kind, level, limit } = planOperation(name, vendor.get(name));
      return [kind, level, limit.calls, limit.perSeconds];
    };
    expect(planned('ListLiveMessageGroups').slice(0, 2)).toEqual(['read', 'list']);
    expect(planned('StopLiveStreamMonitor')).toEqual(['write', 'update', 10, 1]);
    expect(planned('ModifyShowList').slice(0, 2)).toEqual(['write', 'update']);
    expect(planned('DescribeLiveStreamsOnlineList')).toEqual(['read', 'list', 10_000, 60]);
    expect(planned('DeleteCaster').slice(0, 2)).toEqual(['write', 'delete']);
    expect(planOperation('AddCasterLayout', vendor.get('AddCasterLayout')).open[0]).toMatch(
      /^AudioLayer is a list/,
    );
  });

  it('leaves no sentence unwritten in the documents', () => {
    for (const { file, text } of apiPages(OPERATIONS, pageFacts()))
      expect(text, file).not.toContain(TO_BE_WRITTEN);
  });
});

describe('the line in the registry', () => {
  const listed = (text: string) => [...text.matchAll(/^ {2}(\w+),$/gm)].map(([, one = '']) => one);

  it.each(['AddLiveDomain', 'DescribeLiveStreamsZebra', 'ZapLiveStream'])('of %s is put in order', (name) => {
    const text = addToRegistry(registry, name);
    expect(text).toContain(`import { ${name} } from './${name}.ts';\n`);
    expect(listed(text)).toEqual([...listed(registry), name].sort());
    const imports = [...text.matchAll(/^import \{ (\w+) \} from '\.\/(\w+)\.ts'/gm)].map(
      ([, one = '']) => one,
    );
    const sorted = [...imports].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    expect(imports).toEqual(sorted);
  });

  it('is not guessed', () => expect(() => addToRegistry('', 'Any')).toThrow('no list'));
});
