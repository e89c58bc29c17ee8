import { mostSimilar } from '../app/similar.ts';
import { COMMON_PARAMETERS } from '../operations/common-parameters.ts';
import { OPERATIONS } from '../operations/registry.ts';
import { UsageError } from './io.ts';

/** The parameters of a call as the command line has them. */
export interface CallArguments {
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether `--help` or `-h` is among them. */
  readonly help: boolean;
}

/**
 * Reads `--Name value` and `--Name=value`. Names of the API begin with an upper-case letter, our own flags do not.
 * @throws UsageError naming the argument that is wrong
 */
export function parseCallArguments(argv: readonly string[]): CallArguments {
  const parameters: Record<string, string> = {};
  const rest = [...argv];
  let help = false;
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--help' || argument === '-h') {
      help = true;
      continue;
    }
    const match = /^--([A-Z][A-Za-z0-9.]*)(?:=([^]*))?$/.exec(argument);
    const [, name, attached] = match ?? [];
    if (name === undefined)
      throw new UsageError(
        `${argument} is not a parameter: parameters are written as --DomainName live.local`,
      );
    if (Object.hasOwn(parameters, name)) throw new UsageError(`--${name} is given twice`);
    const value = attached ?? rest.shift();
    if (value === undefined) throw new UsageError(`--${name} has no value`);
    parameters[name] = value;
  }
  return { parameters, help };
}

/**
 * The service ignores what it does not know, and so a slip such as `--Dryrun true` would cut a stream for good. Operations
 * that we do not know are for the service to refuse.
 * @throws UsageError naming the parameter that the operation does not have
 */
export function requireKnownParameters(action: string, { parameters }: CallArguments): void {
  const operation = OPERATIONS.find(({ name }) => name === action);
  if (!operation) return;
  const known = Object.keys(operation.parameters.shape);
  const unknown = Object.keys(parameters).find(
    (name) => !known.includes(name) && !COMMON_PARAMETERS.has(name),
  );
  if (unknown === undefined) return;
  const meant = mostSimilar(unknown, known);
  const advice = meant ? `, did you mean ${meant}?` : `; sluice call ${action} --help lists them`;
  throw new UsageError(`${action} has no parameter ${unknown}${advice}`);
}
