import { StartError } from '../base/errors.ts';
import { readConfigFile } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import type { Option } from './option-kinds.ts';
import { environmentOf, flagOf, OPTIONS, PLAIN_OPTIONS, SECRET_OPTIONS } from './options.ts';
import type { Options, Secrets } from './options.ts';
import { mostSimilar } from './similar.ts';

/** A flag has a bad value: wrong usage of the command line, unlike a bad value in the environment or the file. */
export class FlagError extends StartError {
  override name = 'FlagError';
}

/** The configuration of one service. */
export interface Config {
  readonly options: Options;
  readonly secrets: Secrets;
  /** Names of the options that were given, and have not just their default. */
  readonly given: ReadonlySet<string>;
  /** What looks like a slip but cannot be refused, one line each. */
  readonly warnings: readonly string[];
}

/** Where the configuration comes from. */
export interface ConfigSources {
  /** Values of flags by option name (`api.port`). */
  readonly flags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of the YAML file (`--config`); else `SLUICE_CONFIG`; else none. */
  readonly file?: string | undefined;
}

interface Given {
  readonly value: unknown;
  /** The flag, the variable or the path of the file. */
  readonly origin: string;
  readonly source?: 'flag' | 'file';
}

const NO_FILE: ConfigFile = { values: new Map(), warnings: [] };

/**
 * Reads the options: a flag wins over the environment, that over the file, that over the default.
 * @throws StartError (FlagError when it is a flag) naming the option and where its bad value came from, or the unknown key of the file.
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const { flags = {}, env = {} } = sources;
  const path = sources.file ?? filled(env['SLUICE_CONFIG']);
  const origin = sources.file === undefined ? 'SLUICE_CONFIG' : '--config';
  const file = path === undefined ? NO_FILE : readConfigFile(path, origin);
  const named = new Set<string>();
  const valueOf = (name: string, option: Option<unknown>): unknown => {
    const given =
      fromFlag(name, option, flags) ?? fromEnv(name, option, env) ?? fromFile(name, file, path ?? '');
    if (given) named.add(name);
    return check(name, option, given ?? { value: option.fallback, origin: 'default' });
  };
  const read = (table: Record<string, Option<unknown>>): unknown =>
    Object.fromEntries(Object.entries(table).map(([name, option]) => [name, valueOf(name, option)]));
  return {
    options: read(PLAIN_OPTIONS) as Options,
    secrets: read(SECRET_OPTIONS) as Secrets,
    given: named,
    warnings: [...file.warnings, ...suspectVariables(env)],
  };
}

function fromFlag(name: string, option: Option<unknown>, flags: Record<string, string>): Given | undefined {
  const given = flags[name];
  return given === undefined
    ? undefined
    : { value: option.fromText(given), origin: `--${flagOf(name) ?? name}`, source: 'flag' };
}

/** An empty variable counts as not set, as compose files and unit files write it. */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function fromEnv(
  name: string,
  option: Option<unknown>,
  env: Record<string, string | undefined>,
): Given | undefined {
  const variable = environmentOf(name);
  const given = filled(env[variable]);
  return given === undefined ? undefined : { value: option.fromText(given), origin: variable };
}

function fromFile(name: string, { values }: ConfigFile, path: string): Given | undefined {
  return values.has(name) ? { value: values.get(name), origin: path, source: 'file' } : undefined;
}

function check(name: string, option: Option<unknown>, given: Given): unknown {
  const result = option.schema.safeParse(given.value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const within = issue && issue.path.length > 0 ? ` (at ${issue.path.join('.')})` : '';
  const shown = Object.hasOwn(SECRET_OPTIONS, name) ? '' : `, not ${shownValue(given.value)}`;
  const hint = needsNoQuotes(option, given) ? '; leave the quotes out' : '';
  const problem = `option ${name} from ${given.origin}${within}: ${issue?.message ?? 'bad value'}${shown}${hint}`;
  throw given.source === 'flag' ? new FlagError(problem) : new StartError(problem);
}

/** The longest value that an error repeats, in characters. */
const MAX_SHOWN = 100;

function shownValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

/** Whether the file has a number, or true or false, as a text. */
function needsNoQuotes(option: Option<unknown>, { value, source }: Given): boolean {
  if (source !== 'file' || typeof value !== 'string') return false;
  const read = option.fromText(value);
  return typeof read !== 'string' && typeof read !== 'object' && option.schema.safeParse(read).success;
}

/** Those of the command line that are no options of the service. */
const OTHER_VARIABLES = ['SLUICE_CONFIG', 'SLUICE_ENDPOINT', 'SLUICE_DOMAIN_KEY'];

/**
 * Variables that are none of ours, one warning each. They cannot be refused: a container platform sets variables of its
 * own for a service that is called sluice.
 */
function suspectVariables(env: Record<string, string | undefined>): string[] {
  const known = [...Object.keys(OPTIONS).map(environmentOf), ...OTHER_VARIABLES];
  return Object.entries(env)
    .filter(([name]) => /^SLUICE_(?!TEST_)/.test(name) && !known.includes(name))
    .filter(([name, value]) => !isOfPlatform(name, value))
    .map(([name]) => {
      const meant = mostSimilar(name, known);
      return `environment variable ${name} is not known${meant ? `, did you mean ${meant}?` : ''}`;
    });
}

/** Kubernetes tells every container where the services of its namespace are, as `SLUICE_PORT=tcp://10.0.0.1:8080`. */
function isOfPlatform(name: string, value: string | undefined): boolean {
  return (
    /_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/.test(name) ||
    /^(?:tcp|udp|sctp):\/\//.test(value ?? '')
  );
}
