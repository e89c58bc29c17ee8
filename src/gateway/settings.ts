import { StartError } from '../base/errors.ts';
import type { CallLimit, Operation } from '../operations/operation.ts';

/** What the configuration says of the gateway. */
export interface GatewaySettings {
  /** `flat`, or `wrapped` in `<Action>Response` as the vendor's oldest samples show it. */
  readonly jsonEnvelope: 'flat' | 'wrapped';
  /** `HostId` of error answers. */
  readonly hostId: string;
  /** What `Recommend` of error answers begins with; the code's place in the list of errors follows. */
  readonly errorsUrl: string;
  /** Calls per second and account by operation, in place of the declared limits. */
  readonly limits: Readonly<Record<string, number>>;
  /** Failed calls per second (unsigned, badly signed, denied) that one address may make before it gets 429. */
  readonly failuresPerSource: number;
  /** The most nonces remembered; about 150 bytes each. */
  readonly nonceCapacity: number;
  /** Whether the operations of test mode exist; the rules must have its controls then. */
  readonly testMode: boolean;
}

/** The settings of a gateway that nothing was said about. */
export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = {
  jsonEnvelope: 'flat',
  hostId: 'live.aliyuncs.com',
  errorsUrl: 'docs/4-api/errors.md',
  limits: {},
  failuresPerSource: 50,
  nonceCapacity: 500_000,
  testMode: false,
};

/**
 * The limit of each operation.
 * @throws StartError naming a limit for an operation that does not exist, or that is no whole number of at least 1.
 */
export function limitsOf(
  operations: readonly Operation[],
  overrides: GatewaySettings['limits'],
): ReadonlyMap<string, CallLimit> {
  const limits = new Map(operations.map(({ name, limit }) => [name, limit]));
  for (const [name, calls] of Object.entries(overrides)) {
    if (!limits.has(name)) throw new StartError(`limits: there is no operation "${name}"`);
    if (!Number.isInteger(calls) || calls < 1)
      throw new StartError(`limits: "${name}" must be a whole number of calls per second, 1 or more`);
    limits.set(name, { calls, perSeconds: 1 });
  }
  return limits;
}
