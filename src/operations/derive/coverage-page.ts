import { COMMON_PARAMETERS } from '../common-parameters.ts';
import type { Operation } from '../operation.ts';
import { VENDOR_OPERATIONS } from '../vendor-operations.ts';
import { familyOf } from './families.ts';
import { link, NOTE, table } from './markdown.ts';
import type { Page } from './markdown.ts';
import { isOurs } from './ownership.ts';
import { operationPlace, PLACES } from './page-places.ts';

/** The vendor's parameters of an operation by its name, all of them. */
export type VendorParameters = ReadonlyMap<string, readonly string[]>;

type State = 'works' | 'stored only' | 'not here';
const STATES: readonly State[] = ['works', 'stored only', 'not here'];

interface Row {
  readonly name: string;
  readonly family: string;
  readonly operation: Operation | undefined;
  readonly state: State;
}

/** What is here of the vendor's operations. */
export function coveragePage(operations: readonly Operation[], parameters: VendorParameters): Page {
  const rows = rowsOf(operations);
  const ours = operations.filter(isOurs);
  const others = operations.filter((operation) => operation.product !== 'live' && !isOurs(operation));
  const text = `${NOTE}

# Coverage

The ${rows.length} operations of ApsaraVideo Live (2016-11-01), and what becomes of a call here:

- **works**: the call takes effect.
- **stored only**: the call is accepted and what it says is kept, but nothing here acts upon it.
- **not here**: the call answers 404 \`InvalidAction.NotFound\`.

${table(['Family', 'Operations', ...STATES], totals(rows))}

## Every operation

The last column has the vendor's parameters that are taken and ignored. ${[...COMMON_PARAMETERS].map((name) => `\`${name}\``).join(', ')}
are ignored everywhere and not listed.

${table(
  ['Family', 'Operation', 'State', 'Ignored parameters'],
  rows.map((row) => operationRow(row, parameters)),
)}

## RAM and STS

The users, groups, roles and policies of RAM (2015-05-01) and the sessions of STS (2015-04-01) that work here:

${listOf(others)}

## Ours

Operations that the vendor does not have:

${listOf(ours)}
`;
  return { file: PLACES.coverage, text };
}

/** Families with something in them first, then by name. */
function rowsOf(operations: readonly Operation[]): Row[] {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const rows = VENDOR_OPERATIONS.map((name): Row => {
    const operation = byName.get(name);
    const kept = operation?.coverage === 'stored-only' ? 'stored only' : 'works';
    return { name, family: familyOf(name), operation, state: operation ? kept : 'not here' };
  });
  const present = (family: string): number =>
    rows.filter((row) => row.family === family && row.state !== 'not here').length;
  return rows.sort(
    (a, b) => present(b.family) - present(a.family) || compare(a.family, b.family) || compare(a.name, b.name),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function totals(rows: readonly Row[]): string[][] {
  const families = [...new Set(rows.map(({ family }) => family))];
  const counts = (of: readonly Row[]): string[] => [
    String(of.length),
    ...STATES.map((state) => String(of.filter((row) => row.state === state).length)),
  ];
  return [
    ['**All**', ...counts(rows)],
    ...families.map((family) => [family, ...counts(rows.filter((row) => row.family === family))]),
  ];
}

function operationRow({ name, family, operation, state }: Row, parameters: VendorParameters): string[] {
  if (!operation) return [family, name, state, ''];
  const known = operation.parameters.shape;
  const ignored = (parameters.get(name) ?? []).filter(
    (parameter) => !(parameter in known) && !COMMON_PARAMETERS.has(parameter),
  );
  return [family, link(name, PLACES.coverage, operationPlace(operation)), state, ignored.join(', ')];
}

function listOf(operations: readonly Operation[]): string {
  if (operations.length === 0) return 'None.';
  const rows = operations.map((operation) => [
    link(operation.name, PLACES.coverage, operationPlace(operation)),
    operation.product,
    operation.summary,
  ]);
  return table(['Operation', 'Product', 'What it does'], rows);
}
