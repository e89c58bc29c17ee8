import { parseDocument } from 'yaml';
import type { YAMLError } from 'yaml';
import { StartError } from '../base/errors.ts';
import { exposureOf, fileProblem, readTextFile } from './files.ts';
import { OPTIONS, SECRET_OPTIONS } from './options.ts';
import { mostSimilar } from './similar.ts';

/** What a configuration file says. */
export interface ConfigFile {
  /** The values by option name; an option without a value is left out. */
  readonly values: ReadonlyMap<string, unknown>;
  /** What looks like a slip but cannot be refused, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Reads a YAML file of options. `origin` says who named it (`--config`).
 * @throws StartError saying why it cannot be read, with line and column, or which option it holds is not known.
 */
export function readConfigFile(path: string, origin: string): ConfigFile {
  const values = new Map<string, unknown>();
  const tree = parseFile(path, origin);
  const warnings: string[] = [];
  if (tree !== null) collect(tree, { path, prefix: '', values });
  else warnings.push(`config file ${path} sets no option`);
  const exposure = holdsSecret(values) ? exposureOf(path) : undefined;
  if (exposure !== undefined) warnings.push(exposure);
  return { values, warnings };
}

function parseFile(path: string, origin: string): unknown {
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    throw new StartError(`config file ${path} (from ${origin}) cannot be read: ${fileProblem(error)}`);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new StartError(`config file ${path} cannot be read: ${yamlProblem(problem)}`);
  try {
    return document.toJS() as unknown;
  } catch {
    throw new StartError(
      `config file ${path} cannot be read: its aliases (*name) are too many or go nowhere`,
    );
  }
}

/** What the parser's codes mean. Its messages are not shown: they may quote the line, and the line may hold a secret. */
const PROBLEMS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_ALIAS: 'an alias (*name) that cannot be read',
  BAD_DQ_ESCAPE:
    'a backslash sequence that double-quoted texts do not have; single quotes take a backslash as it is',
  BAD_INDENT:
    'wrong indentation, or a bracket that is not closed: the options of a section begin in one column, further right than the section',
  BAD_SCALAR_START: 'a text that begins with a reserved character: put it into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two options on one line, or a colon in a text: put the text into quotes',
  BLOCK_IN_FLOW: 'a nested section within {...} or [...]',
  DUPLICATE_KEY: 'the option is there twice in its section',
  MISSING_CHAR: 'a quote, bracket, colon or comma is missing',
  MULTILINE_IMPLICIT_KEY: 'a line without a colon where an option is expected',
  MULTIPLE_DOCS: 'a second document (---): a file has one',
  TAB_AS_INDENT: 'a tab as indentation: use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) that is not known: put a text that begins with ! into quotes',
  UNEXPECTED_TOKEN: 'a character that is not expected here',
};

function yamlProblem({ code, linePos }: YAMLError): string {
  const at = linePos?.[0];
  const where = at ? `line ${at.line}, column ${at.col}: ` : '';
  return `${where}${PROBLEMS[code] ?? `it is not YAML (${code})`}`;
}

/** Characters of an unknown name that an error repeats. */
const MAX_NAME = 100;

/** Puts the options of a (sub)tree into `values`. */
function collect(tree: unknown, into: { path: string; prefix: string; values: Map<string, unknown> }): void {
  const { path, prefix, values } = into;
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw new StartError(`config file ${path}: ${prefix || 'the file'} must be a mapping of options`);
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    // A key without a value (all its entries commented out) means the default.
    if (Object.hasOwn(OPTIONS, name)) {
      if (value !== null) values.set(name, value);
    } else if (sectionOf(name).length > 0) {
      if (value !== null) collect(value, { path, prefix: name, values });
    } else {
      const shown = name.replace(/\s+/g, ' ').slice(0, MAX_NAME) || '""';
      throw new StartError(`config file ${path}: unknown option ${shown}${advice(name, prefix)}`);
    }
  }
}

/** The options of a section, by the part of their names after it. */
function sectionOf(prefix: string): string[] {
  return Object.keys(OPTIONS).flatMap((name) =>
    name.startsWith(`${prefix}.`) ? [name.slice(prefix.length + 1)] : [],
  );
}

/** The option that was meant, else those that the section has. */
function advice(name: string, prefix: string): string {
  const meant = mostSimilar(name, Object.keys(OPTIONS));
  if (meant !== undefined) return `, did you mean ${meant}?`;
  const parts = prefix === '' ? Object.keys(OPTIONS) : sectionOf(prefix);
  const heads = new Set(parts.map((part) => part.split('.')[0]));
  return `; ${prefix || 'the file'} may have ${[...heads].join(', ')}`;
}

function holdsSecret(values: ReadonlyMap<string, unknown>): boolean {
  return Object.keys(SECRET_OPTIONS).some((name) => values.has(name));
}
