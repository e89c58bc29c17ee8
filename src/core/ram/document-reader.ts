import { isConditionOperator, valueProblem } from './conditions.ts';
import { MAX_PATTERN_CHARS } from './glob.ts';
import type { ConditionOperator, PolicyCondition, StatementEffect } from './policy-types.ts';
import { repeatedMember } from './repeated-member.ts';

/** The longest document in UTF-8 bytes, as the product has it for a custom policy. */
export const MAX_POLICY_BYTES = 6144;

/** What reading a document gives: the document, or the first thing that is wrong with it, in a sentence. */
export type ReadResult<T> =
  { readonly ok: true; readonly document: T } | { readonly ok: false; readonly problem: string };

/** Why a document is refused. It never leaves the readers: they answer with its message. */
class PolicyProblem extends Error {}

/** Ends the reading of a document; the message names the place and what belongs there. */
export function refuse(problem: string): never {
  throw new PolicyProblem(problem);
}

/** An object of the document. A map, so that a member called `__proto__` or `constructor` is a member like any other. */
export type Members = ReadonlyMap<string, unknown>;

/** Where something is in the document, such as `Statement[1].Action`. */
type Path = string;

/** A name that the document brought, short and without control characters, for a message. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}...` : name);
}

/** Reads an object. */
export function readMembers(value: unknown, path: Path): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(`${path} must be an object`);
  return new Map(Object.entries(value));
}

/** Refuses members that do not belong there. */
export function onlyKnown(members: Members, path: Path, known: readonly string[]): void {
  for (const name of members.keys())
    if (!known.includes(name)) refuse(`${path} has the unknown element ${quoted(name)}`);
}

/** Reads a list of texts, for which a single text may stand. Neither the list nor a text may be empty. */
export function readTexts(value: unknown, path: Path): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) refuse(`${path} must not be an empty list`);
  return list.map((item, index) => {
    const place = Array.isArray(value) ? `${path}[${index}]` : path;
    if (typeof item !== 'string' || item === '') refuse(`${place} must be a text that is not empty`);
    return item;
  });
}

/** Reads the one of two elements of patterns that a statement has, such as Action or NotAction. */
export function readEither(
  members: Members,
  path: Path,
  [plain, negated]: readonly [string, string],
): { readonly texts: string[]; readonly negated: boolean } {
  const has = [plain, negated].filter((name) => members.has(name));
  const [name] = has;
  if (has.length !== 1 || name === undefined)
    refuse(`${path} must have exactly one of ${plain} and ${negated}`);
  const texts = readTexts(members.get(name), `${path}.${name}`);
  const long = texts.findIndex((text) => text.length > MAX_PATTERN_CHARS);
  if (long >= 0) refuse(`${path}.${name}[${long}] must not be longer than ${MAX_PATTERN_CHARS} characters`);
  return { texts, negated: name === negated };
}

/** Reads Effect. */
export function readEffect(members: Members, path: Path): StatementEffect {
  const effect = members.get('Effect');
  return effect === 'Allow' || effect === 'Deny' ? effect : refuse(`${path}.Effect must be Allow or Deny`);
}

/** A pattern such as `live:Describe*` or `*`. Without the service it would name nothing, which a slip must not. */
const ACTION = /^(\*+|[^\s:]+:\S+)$/;

/** Reads Action or NotAction. */
export function readActions(members: Members, path: Path): { texts: string[]; negated: boolean } {
  const read = readEither(members, path, ['Action', 'NotAction']);
  const wrong = read.texts.find((text) => !ACTION.test(text));
  if (wrong !== undefined)
    refuse(
      `${path}.${read.negated ? 'NotAction' : 'Action'} must be * or <service>:<action>, not ${quoted(wrong)}`,
    );
  return read;
}

/** A value of a condition as text. A number that JSON could not carry exactly would be another number here. */
function readValue(value: unknown, path: Path): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return refuse(`${path} must be a text, a number or a boolean`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    refuse(`${path} must be a text, because the number is too large`);
  return String(value);
}

function readCondition(
  operator: ConditionOperator,
  [key, value]: [string, unknown],
  path: Path,
): PolicyCondition {
  if (!/^[^\s:]+:./.test(key))
    refuse(`${path}.${operator} has the key ${quoted(key)}, which is not <service>:<name>`);
  const place = `${path}.${operator}[${quoted(key)}]`;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) refuse(`${place} must not be an empty list`);
  const values = list.map((item) => readValue(item, place));
  for (const text of values) {
    const problem = valueProblem(operator, text);
    if (problem !== undefined) refuse(`${place} ${problem}, not ${quoted(text)}`);
  }
  return { operator, key, values };
}

/** Reads Condition: operators, keys, values. An empty Condition is none, as the product's editor writes it. */
export function readConditions(members: Members, statement: Path): PolicyCondition[] {
  if (!members.has('Condition')) return [];
  const path = `${statement}.Condition`;
  return [...readMembers(members.get('Condition'), path)].flatMap(([operator, keys]) => {
    if (!isConditionOperator(operator)) return refuse(`${path} has the unknown operator ${quoted(operator)}`);
    const entries = [...readMembers(keys, `${path}.${operator}`)];
    if (entries.length === 0) refuse(`${path}.${operator} must have a key`);
    return entries.map((entry) => readCondition(operator, entry, path));
  });
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('The document is not valid JSON');
  }
  const repeated = repeatedMember(text);
  if (repeated !== undefined) refuse(`The document has an object with two elements ${quoted(repeated)}`);
  return value;
}

function readStatements<T>(text: string, read: (members: Members, path: Path) => T): T[] {
  // The size comes first: it bounds what all the rest can cost, nesting included.
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES)
    refuse(`The document must not be longer than ${MAX_POLICY_BYTES} bytes`);
  const root = readMembers(parseJson(text), 'The document');
  onlyKnown(root, 'The document', ['Version', 'Statement']);
  if (root.get('Version') !== '1') refuse('Version must be "1"');
  const statements = root.get('Statement');
  if (!Array.isArray(statements)) return refuse('Statement must be a list of statements');
  if (statements.length === 0) refuse('Statement must not be an empty list');
  return statements.map((statement: unknown, index) => {
    const path = `Statement[${index}]`;
    return read(readMembers(statement, path), path);
  });
}

/** Reads a whole document with the reader of its statements. Total: whatever the text is, the answer says what is wrong. */
export function readDocument<T>(
  text: string,
  read: (members: Members, path: Path) => T,
): ReadResult<{ readonly statements: readonly T[] }> {
  try {
    return { ok: true, document: { statements: readStatements(text, read) } };
  } catch (error) {
    if (error instanceof PolicyProblem) return { ok: false, problem: error.message };
    throw error;
  }
}
