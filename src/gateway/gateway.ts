import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Core } from '../core/core.ts';
import type { ServiceControl } from '../core/service-control.ts';
import { OPERATIONS } from '../operations/registry.ts';
import type { Operation } from '../operations/operation.ts';
import type { AccessPolicy } from './authorise.ts';
import type { GatewayInput, HttpAnswer } from './exchange.ts';
import { NonceMemory } from './nonces.ts';
import { refuse, serve } from './pipeline.ts';
import type { PipelineDeps } from './pipeline.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { CallMeter } from './record.ts';
import { limitsOf } from './settings.ts';
import type { GatewaySettings } from './settings.ts';

/** The most accounts times operations, and the most addresses, whose rates are remembered. */
const RATE_CAPACITY = 100_000;

/** What the gateway needs. */
export interface GatewayDeps {
  readonly core: Core;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly meter: CallMeter;
  readonly service: ServiceControl;
  /** The time that callers sign with. Absent: `clock`. */
  readonly signingClock?: Pick<Clock, 'now'>;
  /** Absent: what the policies of the account say. */
  readonly policy?: AccessPolicy;
  /** Absent: the whole catalogue. */
  readonly operations?: readonly Operation[];
}

/** Signed requests to answers. Knows no socket. */
export interface Gateway {
  /** Answers a call. Never rejects. */
  handle(input: GatewayInput): Promise<HttpAnswer>;
  /** Answers what is no call: HTTP that is wrong (an ApiError says how), or a failure of the server around it. */
  refuse(thrown: unknown, input: GatewayInput): HttpAnswer;
}

/** Assembles the gateway. @throws StartError for a limit that cannot be. */
export function createGateway(settings: GatewaySettings, deps: GatewayDeps): Gateway {
  const { core, clock, ids, log, meter, service, operations = OPERATIONS, signingClock = clock } = deps;
  const policy: AccessPolicy = deps.policy ?? ((request) => core.access.decide(request));
  const served = operations.filter(({ testMode }) => !testMode || settings.testMode);
  const callRates = new RateLimiter(clock, RATE_CAPACITY);
  const failureRates = new RateLimiter(clock, RATE_CAPACITY);
  core.testControls?.onReset(() => {
    // A reset must not do away with its own limit.
    callRates.clear((key) => key.endsWith('/ResetTestState'));
    failureRates.clear();
  });
  const pipeline: PipelineDeps = {
    settings,
    core,
    clock,
    signingClock,
    ids,
    log,
    meter,
    policy,
    service,
    audit: core.store.audit,
    keys: core.keys,
    operations: new Map(served.map((operation) => [operation.name, operation])),
    limits: limitsOf(operations, settings.limits),
    nonces: new NonceMemory({
      clock,
      capacity: settings.nonceCapacity,
      evicted: () => meter.nonceEvicted(),
    }),
    callRates,
    failureRates,
  };
  return {
    handle: (input) => serve(input, pipeline),
    refuse: (thrown, input) => refuse(thrown, input, pipeline),
  };
}
