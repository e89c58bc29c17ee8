import type { CallLimit } from '../../src/operations/operation.ts';
import type { VendorOperation, VendorParameter } from '../vendor/operations.ts';

/** What the three places are written from. */
export interface OperationPlan {
  readonly name: string;
  /** Whether the vendor has no operation of this name. */
  readonly ours: boolean;
  readonly kind: 'read' | 'write';
  readonly level: 'create' | 'update' | 'delete' | 'get' | 'list';
  readonly limit: CallLimit;
  readonly parameters: readonly VendorParameter[];
  readonly response: VendorOperation['response'];
  /** What the vendor's table did not tell, or what we cannot write: for the author to look at. */
  readonly open: readonly string[];
}

/** What the vendor allows where it states nothing else. */
const USUAL_LIMIT: CallLimit = { calls: 10, perSeconds: 1 };

const LEVELS: readonly (readonly [verb: RegExp, level: OperationPlan['level']])[] = [
  [/^List|^Describe.*List$/, 'list'],
  [/^(Describe|Get|Query|Check|BatchGet|Verify)/, 'get'],
  [/^(Add|Create|Open|Initialize|Copy)/, 'create'],
  [/^(Delete|Remove|BatchDelete|Close)/, 'delete'],
];

/** Plans an operation by its name and what the vendor says of it. */
export function planOperation(name: string, vendor: VendorOperation | undefined): OperationPlan {
  const level = LEVELS.find(([verb]) => verb.test(name))?.[1] ?? 'update';
  const lists = vendor?.parameters.filter(({ type }) => type === 'RepeatList').map((one) => one.name) ?? [];
  return {
    name,
    ours: vendor === undefined,
    kind: level === 'get' || level === 'list' ? 'read' : 'write',
    level,
    limit: vendor?.limit ?? USUAL_LIMIT,
    parameters: vendor?.parameters.filter(({ type }) => type !== 'RepeatList') ?? [],
    response: vendor?.response ?? {},
    open: [
      ...(vendor?.limit ? [] : ['the limit is a guess: nobody states one']),
      ...lists.map(
        (list) => `${list} is a list (${list}.1, ${list}.2, ...) and left out: declare how it is read`,
      ),
    ],
  };
}
