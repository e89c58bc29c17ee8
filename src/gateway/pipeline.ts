import type { Clock } from '../base/clock.ts';
import { addressGroup } from '../base/client-address.ts';
import { withDeadline } from '../base/deadline.ts';
import type { Ids } from '../base/ids.ts';
import type { Core } from '../core/core.ts';
import type { Caller } from '../core/ports.ts';
import { actorOf } from '../core/principals.ts';
import type { ServiceControl } from '../core/service-control.ts';
import { ApiError } from '../operations/api-error.ts';
import { DOMAIN_ERRORS } from '../operations/names.ts';
import type { Answer, CallContext, CallEffect, CallLimit, Operation } from '../operations/operation.ts';
import { productOf } from '../operations/products.ts';
import { isVendorOperation } from '../operations/vendor-operations.ts';
import { parseRpcRequest, responseFormat } from '../wire/rpc/request.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import { authenticate } from './authenticate.ts';
import type { Identity } from './authenticate.ts';
import { authorise } from './authorise.ts';
import type { AccessPolicy } from './authorise.ts';
import { commonError, retryAfter } from './errors.ts';
import type { Exchange, GatewayInput, HttpAnswer, Outcome } from './exchange.ts';
import { sufferFault, throttleByFault } from './faults.ts';
import type { NonceMemory } from './nonces.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { record } from './record.ts';
import type { RecordDeps } from './record.ts';
import { render, translate } from './render.ts';
import { domainOf, targetOf } from './resources.ts';
import type { GatewaySettings } from './settings.ts';

/** Milliseconds that an operation may take: the SDKs of Node give up after three seconds. */
const HANDLER_DEADLINE_MS = 2500;

/** What the stages need. */
export interface PipelineDeps extends RecordDeps {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  /** See {@link AuthenticateDeps}. */
  readonly signingClock: Pick<Clock, 'now'>;
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
  readonly service: ServiceControl;
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
  const { core, clock, signingClock, nonces } = deps;
  const { keys, directory, domains } = core;
  const operation = findOperation(request, deps);
  exchange.operation = operation;
  const { sessions } = core.store;
  const identity = authenticate(request, { clock, signingClock, nonces, keys, directory, sessions });
  exchange.identity = identity;
  const named = { parameters: request.parameters, principal: identity.principal, domains };
  exchange.target = targetOf(operation, named);
  authorise({ input, identity, operation, request }, domains, deps.policy);
  throttle(identity, operation, deps);
  const run = operation.prepare(request.parameters);
  if (core.testControls) await sufferFault({ operation, controls: core.testControls });
  const context = contextOf(exchange, { identity, operation }, deps);
  const claim = claimOf(domainOf(operation, named), operation, context);
  return handle(() => (claim ? claim().then(() => run(context)) : run(context)), deps);
}

/**
 * What must come before a call because of its domain: nothing, or that the account becomes the owner of one that is new,
 * which writing calls may.
 * @throws ApiError `IllegalOperation`, `InvalidDomain.NotFound`
 */
function claimOf(
  domain: string | undefined,
  { kind }: Operation,
  { core: { owners }, caller: { accountId } }: CallContext,
): (() => Promise<void>) | undefined {
  if (domain === undefined || owners.ownerOf(domain) === accountId) return undefined;
  if (kind === 'read') throw notYours(owners.isNamed(domain));
  return async () => {
    if (!(await owners.claim(domain, accountId))) throw notYours();
  };
}

/** What nobody named is in nobody's records, whatever the root account does there: reading does not tell. */
function notYours(isNamed = true): Error {
  const code = isNamed ? 'IllegalOperation' : 'InvalidDomain.NotFound';
  return new ApiError(code, DOMAIN_ERRORS[code]);
}

function finish(exchange: Exchange, outcome: Outcome, deps: PipelineDeps): HttpAnswer {
  const told = throttleFailures(exchange, outcome, deps);
  const answer = render(exchange, told, deps.settings);
  // A denial stays one in the trail: noise of others from the same address must not hide it.
  const isDenial = !outcome.ok && outcome.error.code === 'NoPermission';
  record(exchange, isDenial ? outcome : told, deps);
  return answer;
}

function receive(input: GatewayInput, { clock, ids }: PipelineDeps): Exchange {
  const request = parseRpcRequest(input.raw);
  const { format } = responseFormat(request);
  const requestId = ids.requestId();
  return { input, request, format, requestId, at: clock.now(), startedAt: clock.monotonic() };
}

function findOperation(request: RpcRequest, { operations }: PipelineDeps): Operation {
  const operation = operations.get(request.action ?? '');
  if (!operation) throw notFound(request);
  if (request.version === undefined) throw commonError('MissingVersion');
  if (productOf(request.version) !== operation.product) throw commonError('InvalidVersion');
  if (!responseFormat(request).valid) throw commonError('InvalidParameter.Format');
  return operation;
}

function notFound({ action, version }: RpcRequest): Error {
  const known = isVendorOperation(action ?? '') && productOf(version ?? '') === 'live';
  return commonError('InvalidAction.NotFound', known ? { message: `${action} ${NOT_HERE}` } : {});
}

const NOT_HERE =
  'is an operation of ApsaraVideo Live that this service does not have; COVERAGE.md lists those it has.';

function throttle(
  { accountId }: Identity,
  operation: Operation,
  { callRates, limits, core }: PipelineDeps,
): void {
  const { name } = operation;
  const limit = limits.get(name) ?? operation.limit;
  throttleByFault({ operation, controls: core.testControls }, limit);
  const waitMs = callRates.take(`${accountId}/${name}`, limit);
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

function contextOf(
  exchange: Exchange,
  { identity, operation }: { identity: Identity; operation: Operation },
  { core, service }: PipelineDeps,
): CallContext {
  const { requestId, input, at, target = null, request } = exchange;
  const { accountId, accessKeyId, nonce, principal } = identity;
  const { clientAddress, secure } = input;
  const [actor, action] = [actorOf(principal), operation.name];
  // Written out: spreading objects here took 6 % of the gateway's time.
  const caller: Caller = {
    accountId,
    accessKeyId,
    actor,
    clientAddress,
    requestId,
    at,
    action,
    target,
    nonce,
  };
  const origin = { clientAddress, secure, userAgent: request.headers.get('user-agent') };
  const reached = (effect: CallEffect): void => void (exchange.effect = effect);
  return { caller, principal, origin, core, service, reached };
}

function handle(run: () => Promise<Answer>, { clock }: PipelineDeps): Promise<Answer> {
  const expired = (): Error => commonError('ServiceUnavailable');
  return withDeadline(run(), { clock, ms: HANDLER_DEADLINE_MS, expired });
}
