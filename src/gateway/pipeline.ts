import type { Clock } from '../base/clock.ts';
import { addressGroup } from '../base/client-address.ts';
import { withDeadline } from '../base/deadline.ts';
import type { Ids } from '../base/ids.ts';
import type { Core } from '../core/core.ts';
import type { Caller } from '../core/ports.ts';
import type { Answer, CallContext, CallLimit, Operation } from '../operations/operation.ts';
import { API_VERSION } from '../operations/registry.ts';
import { parseRpcRequest, responseFormat } from '../wire/rpc/request.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import { authenticate } from './authenticate.ts';
import type { Identity } from './authenticate.ts';
import { authorise } from './authorise.ts';
import type { AccessPolicy } from './authorise.ts';
import { commonError, retryAfter } from './errors.ts';
import type { Exchange, GatewayInput, HttpAnswer, Outcome } from './exchange.ts';
import type { NonceMemory } from './nonces.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { record } from './record.ts';
import type { RecordDeps } from './record.ts';
import { render, translate } from './render.ts';
import type { GatewaySettings } from './settings.ts';

/** Milliseconds that an operation may take: the SDKs of Node give up after three seconds. */
const HANDLER_DEADLINE_MS = 2500;

/** What the stages need. */
export interface PipelineDeps extends RecordDeps {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly core: Core;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly limits: ReadonlyMap<string, CallLimit>;
  readonly nonces: NonceMemory;
  /** Calls by account and operation. */
  readonly callRates: RateLimiter;
  /** Failed calls by address. */
  readonly failureRates: RateLimiter;
  readonly policy: AccessPolicy;
}

/** One call from its bytes to its answer; every stage in its order. Never rejects. */
export async function serve(input: GatewayInput, deps: PipelineDeps): Promise<HttpAnswer> {
  const exchange = receive(input, deps);
  const outcome = await runStages(exchange, deps).then(
    (answer): Outcome => ({ ok: true, answer }),
    translate,
  );
  return finish(exchange, outcome, deps);
}

/** Answers what HTTP itself got wrong, or what failed outside of an operation. */
export function refuse(thrown: unknown, input: GatewayInput, deps: PipelineDeps): HttpAnswer {
  return finish(receive(input, deps), translate(thrown), deps);
}

async function runStages(exchange: Exchange, deps: PipelineDeps): Promise<Answer> {
  const { request, input } = exchange;
  const { core, clock, nonces } = deps;
  const operation = findOperation(request, deps);
  exchange.operation = operation;
  const identity = authenticate(request, { clock, nonces, keys: core.keys });
  exchange.identity = identity;
  authorise({ input, identity, operation, request }, core.domains, deps.policy);
  throttle(identity, operation, deps);
  const run = operation.prepare(request.parameters);
  return handle(run, callerOf(exchange, identity, operation), deps);
}

function finish(exchange: Exchange, outcome: Outcome, deps: PipelineDeps): HttpAnswer {
  const told = throttleFailures(exchange, outcome, deps);
  const answer = render(exchange, told, deps.settings);
  record(exchange, told, deps);
  return answer;
}

function receive(input: GatewayInput, { clock, ids }: PipelineDeps): Exchange {
  const request = parseRpcRequest(input.raw);
  const { format } = responseFormat(request);
  const times = { at: clock.now(), startedAt: clock.monotonic() };
  return { input, request, format, requestId: ids.requestId(), ...times };
}

function findOperation(request: RpcRequest, { operations }: PipelineDeps): Operation {
  const operation = operations.get(request.action ?? '');
  if (!operation) throw commonError('InvalidAction.NotFound');
  if (request.version === undefined) throw commonError('MissingVersion');
  if (request.version !== API_VERSION) throw commonError('InvalidVersion');
  if (!responseFormat(request).valid) throw commonError('InvalidParameter.Format');
  return operation;
}

function throttle({ key }: Identity, { name, limit }: Operation, { callRates, limits }: PipelineDeps): void {
  const waitMs = callRates.take(`${key.accountId}/${name}`, limits.get(name) ?? limit);
  if (waitMs > 0) throw commonError('Throttling.User', { headers: retryAfter(waitMs) });
}

/**
 * Calls without a proven caller, and denied ones, count against their address and not against an account. Beyond the
 * limit the address is told so instead of the reason; calls that are right pass all the same, because many callers can
 * share one address.
 */
function throttleFailures(exchange: Exchange, outcome: Outcome, deps: PipelineDeps): Outcome {
  const failed = !outcome.ok && (!exchange.identity || outcome.error.code === 'NoPermission');
  if (!failed || outcome.cause !== undefined) return outcome;
  const limit = { calls: deps.settings.failuresPerSource, perSeconds: 1 };
  const waitMs = deps.failureRates.take(addressGroup(exchange.input.clientAddress), limit);
  if (waitMs === 0) return outcome;
  return { ok: false, error: commonError('Throttling', { headers: retryAfter(waitMs) }) };
}

function callerOf(exchange: Exchange, { key, nonce }: Identity, { name: action }: Operation): Caller {
  const { requestId, input } = exchange;
  const { accountId, accessKeyId } = key;
  return { accountId, accessKeyId, requestId, action, clientAddress: input.clientAddress, nonce };
}

function handle(
  run: (context: CallContext) => Promise<Answer>,
  caller: Caller,
  { core, clock }: PipelineDeps,
): Promise<Answer> {
  const expired = (): Error => commonError('ServiceUnavailable');
  return withDeadline(run({ caller, core }), { clock, ms: HANDLER_DEADLINE_MS, expired });
}
