import { AddressRanges, isIpLiteral } from '../../base/net-address.ts';
import { isAddressRange, readBool, readDate, readNumber } from './condition-values.ts';
import { globTest, MAX_PATTERN_CHARS } from './glob.ts';
import { CONDITION_OPERATORS } from './policy-types.ts';
import type { ConditionOperator, PolicyCondition } from './policy-types.ts';

/** What the request says, by the documented spelling of the condition key. */
export type RequestContext = ReadonlyMap<string, string>;

/** Whether a request's value of the key satisfies the condition. */
type ValueTest = (asked: string) => boolean;

interface Operator {
  /** What a value must be, for the message when it is not. */
  readonly expects: string;
  readonly canRead: (value: string) => boolean;
  /** Dates, numbers and ranges are read here, once, and not again for each call. */
  readonly compile: (values: readonly string[]) => ValueTest;
}

/** How a family of operators reads both sides, and when one value fits. */
interface Comparison<T> {
  readonly expects: string;
  readonly read: (text: string) => T | undefined;
  readonly fits: (asked: T, wanted: T) => boolean;
}

type Sense = 'any' | 'none';

/** One of the values must fit, or none may. What the request says and we cannot read fits neither way, like an absent key. */
function comparing<T>({ expects, read, fits }: Comparison<T>, sense: Sense): Operator {
  const readWanted = (text: string): T => {
    const value = read(text);
    if (value === undefined) throw new Error(`"${text}" is not ${expects}`);
    return value;
  };
  return {
    expects,
    canRead: (value) => read(value) !== undefined,
    compile: (values) => {
      const wanted = values.map(readWanted);
      return (text) => {
        const asked = read(text);
        return asked !== undefined && wanted.some((value) => fits(asked, value)) === (sense === 'any');
      };
    },
  };
}

const same = (asked: unknown, wanted: unknown): boolean => asked === wanted;
const less = (asked: number, wanted: number): boolean => asked < wanted;
const lessOrSame = (asked: number, wanted: number): boolean => asked <= wanted;
const more = (asked: number, wanted: number): boolean => asked > wanted;
const moreOrSame = (asked: number, wanted: number): boolean => asked >= wanted;

type Fits<T> = (asked: T, wanted: T) => boolean;

const exact = (sense: Sense): Operator =>
  comparing<string>({ expects: 'a text', read: (text) => text, fits: same }, sense);
const anyCase = (sense: Sense): Operator =>
  comparing<string>({ expects: 'a text', read: (text) => text.toLowerCase(), fits: same }, sense);
const number = (fits: Fits<number>, sense: Sense = 'any'): Operator =>
  comparing({ expects: 'a number', read: readNumber, fits }, sense);
const date = (fits: Fits<number>, sense: Sense = 'any'): Operator =>
  comparing({ expects: 'a date such as 2019-08-12T17:00:00+08:00', read: readDate, fits }, sense);

const pattern = (sense: Sense): Operator => ({
  expects: `a text of at most ${MAX_PATTERN_CHARS} characters`,
  canRead: (value) => value.length <= MAX_PATTERN_CHARS,
  compile: (values) => {
    const tests = values.map(globTest);
    return (asked) => tests.some((test) => test(asked)) === (sense === 'any');
  },
});

/** Ranges are one set, so that the caller's address is read once for all of them. */
const address = (sense: Sense): Operator => ({
  expects: 'an IP address or a CIDR range such as 10.0.0.0/8',
  canRead: isAddressRange,
  compile: (values) => {
    const ranges = new AddressRanges(values);
    if (sense === 'any') return (asked) => ranges.has(asked);
    return (asked) => isIpLiteral(asked) && !ranges.has(asked);
  },
});

const OPERATORS: Readonly<Record<ConditionOperator, Operator>> = {
  StringEquals: exact('any'),
  StringNotEquals: exact('none'),
  StringEqualsIgnoreCase: anyCase('any'),
  StringNotEqualsIgnoreCase: anyCase('none'),
  StringLike: pattern('any'),
  StringNotLike: pattern('none'),
  NumericEquals: number(same),
  NumericNotEquals: number(same, 'none'),
  NumericLessThan: number(less),
  NumericLessThanEquals: number(lessOrSame),
  NumericGreaterThan: number(more),
  NumericGreaterThanEquals: number(moreOrSame),
  DateEquals: date(same),
  DateNotEquals: date(same, 'none'),
  DateLessThan: date(less),
  DateLessThanEquals: date(lessOrSame),
  DateGreaterThan: date(more),
  DateGreaterThanEquals: date(moreOrSame),
  Bool: comparing({ expects: 'true or false', read: readBool, fits: same }, 'any'),
  IpAddress: address('any'),
  NotIpAddress: address('none'),
};

/** Whether the name is an operator of the language, exactly as the product spells it. */
export function isConditionOperator(name: string): name is ConditionOperator {
  return (CONDITION_OPERATORS as readonly string[]).includes(name);
}

/** What the operator wants of its values, when it cannot read this one; undefined when it can. */
export function valueProblem(operator: ConditionOperator, value: string): string | undefined {
  const { canRead, expects } = OPERATORS[operator];
  return canRead(value) ? undefined : `must be ${expects}`;
}

/** The documented spelling is the fast way; tags may differ in case only, and then the exact one counts. */
function valueOf(context: RequestContext, key: string): string | undefined {
  const value = context.get(key);
  if (value !== undefined) return value;
  const wanted = key.toLowerCase();
  for (const [name, other] of context) if (name.toLowerCase() === wanted) return other;
  return undefined;
}

/**
 * The test of a condition against a request. A key that the request does not have never matches, under Not operators
 * either: with a plain access key `acs:MFAPresent` is neither true nor false.
 * @throws Error for a value that the operator cannot read, which no parsed document has.
 */
export function compileCondition(condition: PolicyCondition): (context: RequestContext) => boolean {
  const test = OPERATORS[condition.operator].compile(condition.values);
  return (context) => {
    const asked = valueOf(context, condition.key);
    return asked !== undefined && test(asked);
  };
}
