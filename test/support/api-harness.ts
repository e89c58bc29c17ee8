import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { LOG_ROOMS, silentLogger } from '../../src/base/logger.ts';
import type { Logger, LogLevel, LogRoom } from '../../src/base/logger.ts';
import { ShiftedClock } from '../../src/base/shifted-clock.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { createCore } from '../../src/core/core.ts';
import type { Core, CoreSettings } from '../../src/core/core.ts';
import type { AccessKey } from '../../src/core/access-keys.ts';
import type { AuditRecord } from '../../src/core/audit-trail.ts';
import type { Store } from '../../src/core/ports.ts';
import type { ServiceControl } from '../../src/core/service-control.ts';
import type { AccessDecision, AccessRequest } from '../../src/core/access.ts';
import type { HttpAnswer } from '../../src/gateway/exchange.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '../../src/gateway/settings.ts';
import type { GatewaySettings } from '../../src/gateway/settings.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { API_VERSIONS } from '../../src/operations/products.ts';
import { findOperation, OPERATIONS } from '../../src/operations/registry.ts';
import { openStore } from '../../src/store/store.ts';
import type { RawRequest } from '../../src/wire/rpc/request.ts';
import { signV1, signV3 } from '../../src/wire/rpc/signer.ts';
import type { SignableCall } from '../../src/wire/rpc/signer.ts';
import { ManualClock } from './manual-clock.ts';
import { memoryStore } from './memory-store.ts';
import { noteCode } from './produced-codes.ts';

/** What a test can set of the service under it. */
export interface ApiOptions {
  readonly core?: Partial<Omit<CoreSettings, 'domains'>>;
  readonly domains?: Partial<CoreSettings['domains']>;
  readonly gateway?: Partial<GatewaySettings>;
  readonly operations?: readonly Operation[];
  readonly log?: Logger;
  /** Epoch milliseconds of the clock at the start; it moves only when told to. */
  readonly startAt?: number;
  /** No real store: for tests that are not about what is kept. */
  readonly inMemory?: boolean;
  /** A store that is open already; closed at the end. Absent: one in a temporary folder. */
  readonly store?: Store;
  /** Puts something between the rules and the store. */
  readonly wrapStore?: (store: Store) => Store;
}

/** Who signs a call. */
export interface CallerKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** A signed call; what is left out is right. */
export interface CallOptions extends Partial<Omit<SignableCall, 'action' | 'query'>> {
  readonly scheme?: 'v1' | 'v3';
  readonly clientAddress?: string;
}

/** What a caller sees, with the JSON of the body. */
export interface ApiAnswer extends HttpAnswer {
  readonly json: Readonly<Record<string, unknown>>;
}

/** One count of the meter. */
export type CountedCall = Parameters<Parameters<typeof createGateway>[1]['meter']['call']>[0];

/** A store, the rules and the gateway on a clock of the test's own; no socket. */
export interface Api extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly core: Core;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly accountId: string;
  readonly audit: AuditRecord[];
  readonly counted: CountedCall[];
  readonly evictions: () => number;
  /** What the policy was asked, and what it answers; undefined: what the policies of the account say. */
  readonly policy: { readonly asked: AccessRequest[]; decision: AccessDecision['effect'] | undefined };
  /** A key of the account's user, or of the owner of another account. */
  readonly makeKey: (of: { accountId?: string; userId?: string }) => Promise<CallerKey>;
  /** A signed request; by default V3, POST, with the parameters in the query. */
  readonly sign: (
    action: string,
    params?: Readonly<Record<string, string>>,
    options?: CallOptions,
  ) => RawRequest;
  /** Signs and makes a call. */
  readonly call: (
    action: string,
    params?: Readonly<Record<string, string>>,
    options?: CallOptions,
  ) => Promise<ApiAnswer>;
  /** Makes a request that is signed already, or not. */
  readonly send: (raw: RawRequest, clientAddress?: string) => Promise<ApiAnswer>;
  /** The same to a service that was started just now on the same store: it remembers nothing but what is kept. */
  readonly sendToAnother: (raw: RawRequest) => Promise<ApiAnswer>;
}

const DOMAINS = {
  defaultDomain: 'live.local',
  mode: 'open',
  mappings: { 'push.example.com': 'play.example.com' },
  auth: {},
  registered: [],
  owners: {},
} satisfies CoreSettings['domains'];

/** The operations that faults can be injected into. */
const FAULTY = new Set(OPERATIONS.flatMap(({ name, testMode }) => (testMode ? [] : [name])));

/** Starts the API over a real store in a temporary folder; with `gateway.testMode` as test mode does, in memory. */
export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const clock = new ManualClock(options.startAt);
  const log = options.log ?? silentLogger;
  const shifted = options.gateway?.testMode ? new ShiftedClock(clock) : undefined;
  const ruleClock = shifted ?? clock;
  const opened = options.store ?? (await openFor(options, { clock: ruleClock, log }));
  const audit: AuditRecord[] = [];
  const store = watchAudit(options.wrapStore?.(opened) ?? opened, audit);
  const key = await makeKey(opened, clock.now(), options);
  const { accessKeyId, secret, accountId } = key;
  const testSetup = shifted && { clock: shifted, actions: FAULTY, rootKey: { accessKeyId, secret } };
  const coreDeps = { clock: ruleClock, testSetup, ids: systemIds, log, store, rootAccountId: accountId };
  const core = createCore(coreSettings(options), coreDeps);
  await core.feed.start();
  core.keys.apply(accessKeyId, key, key.version);
  const counted: CountedCall[] = [];
  let evicted = 0;
  const policy: Api['policy'] = { asked: [], decision: undefined };
  const gatewayOver = (rules: Core): Gateway =>
    createGateway(
      { ...DEFAULT_GATEWAY_SETTINGS, ...options.gateway },
      {
        core: rules,
        clock: ruleClock,
        signingClock: clock,
        ids: systemIds,
        log,
        meter: {
          call: (call) => {
            counted.push(call);
            if (call.code !== null) noteCode(call.action, call.code);
          },
          nonceEvicted: () => {
            evicted++;
          },
        },
        service: fakeService(),
        policy: (request) => {
          policy.asked.push(request);
          return policy.decision === undefined ? rules.access.decide(request) : { effect: policy.decision };
        },
        ...(options.operations && { operations: options.operations }),
      },
    );
  const gateway = gatewayOver(core);
  const send: Api['send'] = async (raw, clientAddress = '192.0.2.7') =>
    answerOf(await gateway.handle({ raw, clientAddress, secure: false }));
  const sign: Api['sign'] = (action, params = {}, { scheme = 'v3', clientAddress: _, ...call } = {}) =>
    (scheme === 'v1' ? signV1 : signV3)({
      method: 'POST',
      host: 'live.example.com',
      action,
      version: API_VERSIONS[findOperation(action)?.product ?? 'live'],
      accessKeyId,
      accessKeySecret: secret,
      nonce: systemIds.uuid(),
      date: formatTimestamp(clock.now()),
      query: params,
      ...call,
    });
  return {
    clock,
    core,
    store,
    gateway,
    accessKeyId,
    secret,
    accountId,
    audit,
    counted,
    sign,
    send,
    policy,
    sendToAnother: async (raw) => {
      const another = createCore(coreSettings(options), coreDeps);
      await another.feed.start();
      const call = { raw, clientAddress: '192.0.2.7', secure: false };
      const answer = await gatewayOver(another).handle(call);
      await another.feed.stop();
      return answerOf(answer);
    },
    makeKey: async (of) => {
      const pair = { accessKeyId: `LTAI${systemIds.token(16)}`, secret: systemIds.token(30) };
      const owner = { accountId: of.accountId ?? accountId, userId: of.userId ?? null };
      const made = { ...pair, ...owner, note: null, root: false, createdAt: clock.now() };
      const added = await opened.keys.createKey(made);
      core.keys.apply(added.accessKeyId, added, added.version);
      return { accessKeyId: added.accessKeyId, accessKeySecret: added.secret };
    },
    evictions: () => evicted,
    call: (action, params, callOptions) =>
      send(sign(action, params, callOptions), callOptions?.clientAddress),
    async [Symbol.asyncDispose]() {
      await core.feed.stop();
      await opened.close();
    },
  };
}

function answerOf(answer: HttpAnswer): ApiAnswer {
  const json = answer.body.startsWith('{') ? (JSON.parse(answer.body) as ApiAnswer['json']) : {};
  return { ...answer, json };
}

/** A service that is well; its log levels can be set. */
function fakeService(): ServiceControl {
  const levels = Object.fromEntries(LOG_ROOMS.map((room): [string, LogLevel] => [room, 'info']));
  return {
    status: async () => ({
      version: '0.0.0',
      nodeVersion: process.version,
      startedAt: 0,
      testMode: false,
      checks: { store: 'ok' },
      feedStalenessMs: 1.5,
      residentBytes: 1,
      heapUsedBytes: 1,
      certificates: [{ listener: 'api', subject: 'CN=a', issuer: 'CN=b', notAfter: 0 }],
      logLevels: levels as Record<LogRoom, LogLevel>,
    }),
    setLogLevel: (room, level) => {
      for (const one of room === '*' ? LOG_ROOMS : [room]) levels[one] = level;
    },
  };
}

/** In test mode a real store without files, because only that can be reset. */
function openFor({ inMemory, gateway }: ApiOptions, deps: { clock: Clock; log: Logger }): Promise<Store> {
  if (inMemory) return Promise.resolve(memoryStore());
  if (!gateway?.testMode) return openTemporary(deps);
  return openStore({ directory: null, masterKey: randomBytes(32), ...deps });
}

async function openTemporary({ clock, log }: { clock: Clock; log: Logger }): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-api-'));
  const store = await openStore({ directory, masterKey: randomBytes(32), clock, log });
  const close = async (): Promise<void> => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { ...store, close };
}

async function makeKey(store: Store, createdAt: number, { inMemory }: ApiOptions): Promise<AccessKey> {
  const pair = { accessKeyId: `LTAI${systemIds.token(16)}`, secret: systemIds.token(30) };
  const accountId = await store.keys.rootAccountId();
  const key = { ...pair, accountId, userId: null, note: null, root: true, createdAt };
  return inMemory ? { ...key, status: 'active', version: 1 } : store.keys.createKey(key);
}

function coreSettings({ core, domains }: ApiOptions): CoreSettings {
  return {
    domains: { ...DOMAINS, ...domains },
    allowUnauthenticated: false,
    duplicatePublish: 'refuse',
    forbidDefaultDurationMs: null,
    ...core,
  };
}

function watchAudit(store: Store, seen: AuditRecord[]): Store {
  const call = (record: AuditRecord): void => {
    seen.push(record);
    store.audit.call(record);
  };
  const audit = {
    call,
    refusedPublish: (refusal: Parameters<Store['audit']['refusedPublish']>[0]) =>
      store.audit.refusedPublish(refusal),
  };
  return { ...store, audit, blocks: store.blocks };
}
