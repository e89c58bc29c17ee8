import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { API_VERSIONS } from '../products.ts';
import type { Product } from '../products.ts';
import { link, NOTE, table } from './markdown.ts';
import type { Page } from './markdown.ts';
import { messageOf } from './operation-page.ts';
import { isOurs } from './ownership.ts';
import { operationPlace, PLACES } from './page-places.ts';
import { ramResourceText } from './ram-resource.ts';

const PRODUCTS: readonly (readonly [product: Product, title: string])[] = [
  ['live', 'Live'],
  ['ram', 'RAM: users, groups, roles and policies'],
  ['sts', 'STS: sessions'],
];

/** The operations by product. */
export function indexPage(operations: readonly Operation[]): Page {
  const sections = PRODUCTS.flatMap(([product, title]) => {
    const listed = operations.filter((operation) => operation.product === product && !operation.testMode);
    return listed.length === 0
      ? []
      : [`## ${title}\n\nVersion \`${API_VERSIONS[product]}\`.\n\n${listOf(listed)}`];
  });
  const testing = operations.filter(({ testMode }) => testMode);
  if (testing.length > 0)
    sections.push(`## Test mode\n\nOnly while the service runs in its test mode.\n\n${listOf(testing)}`);
  const file = PLACES.index;
  const text = `${NOTE}

# API

The RPC protocol of the ApsaraVideo Live OpenAPI. Every operation of every product answers at \`/\`, by GET or POST, signed
with RPC V1 (HMAC-SHA1, HMAC-SHA256) or V3 (ACS3-HMAC-SHA256), in JSON or XML; the \`Version\` of a call chooses the product.
Operations and fields that are ours say so. The examples show each format as the wire has it, but for the line breaks.

- Any answer can be one of the ${link('common errors', file, PLACES.errors)}.
- ${link('What a policy can allow or deny', file, PLACES.ramActions)}: RAM actions, levels and resources.
- ${link("What is here of the vendor's operations", file, PLACES.coverage)}.
- For tools, a service describes itself at \`/openapi.json\` (OpenAPI 3.1), to anyone.

${sections.join('\n\n')}
`;
  return { file, text };
}

function listOf(operations: readonly Operation[]): string {
  const rows = operations.map((operation) => [
    link(operation.name, PLACES.index, operationPlace(operation)),
    operation.kind,
    isOurs(operation) ? 'ours' : 'vendor',
    operation.summary,
  ]);
  return table(['Operation', 'Kind', 'Whose', 'What it does'], rows);
}

/** What policies can name. */
export function ramActionsPage(operations: readonly Operation[]): Page {
  const asked = operations.filter(({ ram }) => !ram.open);
  const free = operations.filter(({ ram }) => ram.open);
  const rows = asked.map((operation) => [
    `\`${operation.ram.action}\``,
    operation.ram.level,
    ramResourceText(operation.ram),
    link(operation.name, PLACES.ramActions, operationPlace(operation)),
  ]);
  const text = `${NOTE}

# RAM actions

What a statement of a policy names in \`Action\` and \`Resource\`. \`{account}\` is the id of the caller's account, and a
parameter's name stands for its value. A domain has two spellings, and a statement that names one of them covers it; it is the
main (play) domain that counts, whichever side of a mapping a call names. A call that does not have the parameter asks for \`*\`.

${table(['Action', 'Level', 'Resource', 'Operation'], rows)}
${free.length === 0 ? '' : `\nNo policy is asked for ${namesOf(free, PLACES.ramActions)}: whoever signed may call.\n`}`;
  return { file: PLACES.ramActions, text };
}

type Errors = Readonly<Record<string, ErrorSpec>>;

/** Every code with its statuses, messages and operations. */
export function errorsPage(operations: readonly Operation[], common: Errors): Page {
  const codes = new Set(operations.flatMap(({ errors }) => Object.keys(errors)));
  const others = [...codes].filter((code) => !(code in common)).sort();
  const text = `${NOTE}

# Errors

An error has an HTTP status and the fields \`RequestId\`, \`HostId\`, \`Code\`, \`Message\` and \`Recommend\`, all of them text;
a denial by RAM has \`AccessDeniedDetail\` besides. \`Recommend\` points at the code in this list.

# Common errors

${Object.entries(common)
  .map(([code, spec]) => `## ${code}\n\n${line(spec)}${variants(code, operations, spec)}`)
  .join('\n\n')}

# Errors of operations

${others.map((code) => `## ${code}${variants(code, operations)}`).join('\n\n')}
`;
  return { file: PLACES.errors, text };
}

/** What operations declare of a code, where it is not what every operation says: each text once, with its operations. */
function variants(code: string, operations: readonly Operation[], common?: ErrorSpec): string {
  const byText = new Map<string, Operation[]>();
  for (const operation of operations) {
    const spec = operation.errors[code];
    if (!spec || (common && line(spec) === line(common))) continue;
    byText.set(line(spec), [...(byText.get(line(spec)) ?? []), operation]);
  }
  return [...byText].map(([text, of]) => `\n\n${text}\n\nOf ${namesOf(of, PLACES.errors)}.`).join('');
}

function namesOf(operations: readonly Operation[], from: string): string {
  return operations.map((operation) => link(operation.name, from, operationPlace(operation))).join(', ');
}

function line(spec: ErrorSpec): string {
  return `${spec.status}: ${messageOf(spec)}`;
}
