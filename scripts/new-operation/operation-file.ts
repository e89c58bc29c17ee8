import { COMMON_PARAMETERS } from '../../src/operations/common-parameters.ts';
import type { VendorParameter, VendorShape } from '../vendor/operations.ts';
import type { OperationPlan } from './plan.ts';

/** What stands for every sentence that only the author can write; no page of the documents may have it. */
export const TO_BE_WRITTEN = 'To be written.';

/** Parameters that other operations have too, and the module that declares them. */
const SHARED: Readonly<Record<string, readonly [module: string, name: string]>> = {
  DomainName: ['./names.ts', 'domainName'],
  AppName: ['./names.ts', 'appName'],
  StreamName: ['./names.ts', 'streamName'],
  PageNum: ['./paging.ts', 'pageNumber'],
  PageNumber: ['./paging.ts', 'pageNumber'],
  PageSize: ['./paging.ts', 'pageSize'],
};

/** Those among {@link SHARED} that have a default. */
const DEFAULTED: ReadonlySet<string> = new Set(['PageNum', 'PageNumber', 'PageSize']);

/** The file that declares an operation: all that is known of it, and a handler that only says that it is missing. */
export function operationFile(plan: OperationPlan): string {
  const used = new Uses();
  const parameters = plan.parameters
    .filter(({ name }) => !COMMON_PARAMETERS.has(name))
    .map((parameter) => `    ${key(parameter.name)}: ${parameterCode(parameter, used)},\n`);
  const response = Object.entries(plan.response).map(
    ([name, shape]) => `    ${key(name)}: ${shapeCode(shape, used)}.optional(),\n`,
  );
  const ofDomain = plan.parameters.some(({ name }) => name === 'DomainName');
  const errors = [
    ...(ofDomain ? [`...${used.of('./names.ts', 'DOMAIN_ERRORS')}`] : []),
    ...(plan.kind === 'write' ? [`...${used.of('./write-errors.ts', 'WRITE_ERRORS')}`] : []),
  ];
  used.of('./operation.ts', 'defineOperation');
  return `import { z } from 'zod';
${used.imports()}

/** ${TO_BE_WRITTEN} */
export const ${plan.name} = defineOperation({
  name: '${plan.name}',
  summary: '${TO_BE_WRITTEN}',
  doc: \`${TO_BE_WRITTEN}\`,
  kind: '${plan.kind}',
  ram: { action: 'live:${plan.name}', level: '${plan.level}', resource: '${ofDomain ? 'domain' : '*'}' },
  limit: { calls: ${plan.limit.calls}, perSeconds: ${plan.limit.perSeconds} },
  parameters: z.object({
${parameters.join('')}  }),
  response: z.object({
${response.join('')}  }),
  errors: { ${errors.join(', ')} },
  handle(): never {
    throw new Error('the handler of ${plan.name} is to be written');
  },
});
`;
}

/** What a file imports, by module. */
class Uses {
  private readonly modules = new Map<string, Set<string>>();

  /** Notes a name, and gives it back. */
  of(module: string, name: string): string {
    this.modules.set(module, (this.modules.get(module) ?? new Set()).add(name));
    return name;
  }

  imports(): string {
    return [...this.modules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, names]) => `import { ${[...names].sort().join(', ')} } from '${module}';`)
      .join('\n');
  }
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

function parameterCode({ name, type, required }: VendorParameter, used: Uses): string {
  const shared = SHARED[name];
  if (DEFAULTED.has(name) && shared) return used.of(...shared);
  const code = shared ? used.of(...shared) : fieldOfType(name, type, used);
  return required ? code : `${code}.optional()`;
}

function fieldOfType(name: string, type: string, used: Uses): string {
  const field = (maker: string, example: string, bounds = ''): string =>
    `${used.of('./fields.ts', maker)}(${bounds}{ description: '${TO_BE_WRITTEN}', example: '${example}' })`;
  if (type === 'Boolean') return field('flag', 'true');
  if (type === 'Integer' || type === 'Long')
    return field('integer', '1', '{ min: 1, max: Number.MAX_SAFE_INTEGER }, ');
  if (type === 'String' && name.endsWith('Time')) return field('time', '2026-01-01T08:00:00Z');
  return field('text', 'example');
}

function shapeCode(shape: VendorShape, used: Uses): string {
  if (typeof shape === 'string') return scalarCode(shape, used);
  if (isList(shape)) return `z.array(${shapeCode(shape[0] ?? 'String', used)})`;
  const fields = Object.entries(shape);
  const [first] = fields;
  if (fields.length === 1 && first && isList(first[1])) {
    const item = shapeCode(first[1][0] ?? 'String', used);
    return `${used.of('./fields.ts', 'wrappedList')}('${first[0]}', ${item})`;
  }
  const inner = fields.map(([name, field]) => `${key(name)}: ${shapeCode(field, used)}.optional()`);
  return `z.object({ ${inner.join(', ')} })`;
}

function scalarCode(type: string, used: Uses): string {
  const [maker, example] =
    { Number: ['count', '1'] as const, Boolean: ['truth', 'true'] as const }[type] ??
    (['text', 'example'] as const);
  return `${used.of('./fields.ts', maker)}({ description: '${TO_BE_WRITTEN}', example: '${example}' })`;
}

function isList(shape: VendorShape): shape is readonly VendorShape[] {
  return Array.isArray(shape);
}
