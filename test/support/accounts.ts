import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AccountView } from '../../src/core/directory.ts';
import type { Entity } from '../../src/core/entities.ts';
import { startApi } from './api-harness.ts';
import type { Api, ApiAnswer, CallerKey, CallOptions } from './api-harness.ts';
import { expectEveryCodeProduced } from './produced-codes.ts';

type Call = (
  action: string,
  params?: Readonly<Record<string, string>>,
  options?: CallOptions,
) => Promise<ApiAnswer>;

/** An account with the key of its owner. */
export interface TestAccount {
  readonly accountId: string;
  readonly key: CallerKey;
  /** Calls as the account's owner unless the options say otherwise. */
  readonly call: Call;
}

/** What a test of RAM works with: an account that is new with every test. */
export interface InAccount extends TestAccount {
  readonly api: Api;
  /** What the account owns now. */
  readonly account: () => AccountView;
  readonly otherAccount: () => Promise<TestAccount>;
  /** A user with a policy (JSON text, or the name of a system policy), and a key of it. */
  readonly userWith: (policy?: string) => Promise<CallerKey>;
  /** Puts so many small things of a kind into the account, past its operations. */
  readonly fill: (kind: 'user' | 'group' | 'role' | 'policy', count: number) => Promise<void>;
}

let accounts = 0;

/** One API for the tests of a file, each of which has an account of its own. */
export function eachWithAnAccount(give: (made: InAccount) => void): void {
  expectEveryCodeProduced();
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(async () => {
    api.clock.advance(60_000);
    give(await inAccount(api));
  });
}

/** An account of its own in a running API. */
export async function inAccount(api: Api): Promise<InAccount> {
  return working(api, await newAccount(api));
}

/** The root account of a running API. */
export function inRootAccount(api: Api): InAccount {
  const key = { accessKeyId: api.accessKeyId, accessKeySecret: api.secret };
  return working(api, { accountId: api.accountId, key, call: api.call });
}

let users = 0;

function working(api: Api, made: TestAccount): InAccount {
  const { accountId } = made;
  return {
    ...made,
    // What the shared blocks of tests call as.
    api: { ...api, accountId, call: made.call },
    account: () => api.core.directory.view(accountId),
    otherAccount: () => newAccount(api),
    userWith: async (policy) => {
      const name = `user-${++users}`;
      await put(api, accountId, userNamed(accountId, name, policy));
      const user = api.core.directory.view(accountId).users.get(name);
      return api.makeKey({ accountId, userId: user!.id });
    },
    fill: async (kind, count) => {
      const all = Array.from({ length: count }, (_, at) => small(kind, accountId, `filler-${at}`));
      await put(api, accountId, all);
    },
  };
}

/** Disables a key, whosever it is. */
export function disableKey({ core }: Api, accountId: string, accessKeyId: string): Promise<void> {
  const keys = [{ kind: 'status' as const, accessKeyId, status: 'disabled' as const }];
  return core.changes.change(accountId, null, () => ({ keys, result: undefined }));
}

async function newAccount(api: Api): Promise<TestAccount> {
  const accountId = String(2_000_000_000_000_000 + ++accounts);
  await put(api, accountId, []);
  const key = await api.makeKey({ accountId });
  const call: Call = (action, params, options) => api.call(action, params, { ...key, ...options });
  return { accountId, key, call };
}

function put(api: Api, accountId: string, puts: readonly Entity[]): Promise<void> {
  return api.core.changes.change(accountId, null, () => ({ puts, result: undefined }));
}

function userNamed(accountId: string, name: string, policy: string | undefined): Entity[] {
  const user = small('user', accountId, name) as Extract<Entity, { kind: 'user' }>;
  if (policy === undefined) return [user];
  const isText = policy.startsWith('{');
  const attached = {
    type: isText ? 'Custom' : 'System',
    name: isText ? `of-${name}` : policy,
    attachedAt: 0,
  };
  const withPolicy = { ...user, policies: [attached as (typeof user.policies)[number]] };
  const own = small('policy', accountId, `of-${name}`) as Extract<Entity, { kind: 'policy' }>;
  const text = { ...own, versions: [{ id: 'v1', document: policy, createdAt: 0 }] };
  return isText ? [text, withPolicy] : [withPolicy];
}

function small(kind: 'user' | 'group' | 'role' | 'policy', accountId: string, name: string): Entity {
  const common = { id: `${accountId}-${kind}-${name}`, accountId, name, createdAt: 0, updatedAt: 0 };
  const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"live:*","Resource":"*"}]}';
  const trust = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::${accountId}:root"]}}]}`;
  switch (kind) {
    case 'user': {
      const nothing = { displayName: null, mobilePhone: null, email: null, comments: null };
      return { ...common, ...nothing, kind, policies: [] };
    }
    case 'group':
      return { ...common, kind, comments: null, members: [], policies: [] };
    case 'role': {
      const limits = { maxSessionSeconds: 3600, description: null };
      return { ...common, ...limits, kind, trustDocument: trust, policies: [] };
    }
    case 'policy': {
      const versions = [{ id: 'v1', document, createdAt: 0 }];
      return { ...common, kind, description: null, defaultVersion: 'v1', nextVersion: 2, versions };
    }
  }
}
