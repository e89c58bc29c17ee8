import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { openStore } from '../../src/store/store.ts';
import type { RoleEntity } from '../../src/core/entities.ts';
import { eachWithAnAccount, inAccount } from '../support/accounts.ts';
import type { InAccount } from '../support/accounts.ts';
import { startApi } from '../support/api-harness.ts';
import type { CallerKey, CallOptions } from '../support/api-harness.ts';
import { allowing, makeRole, removeRole, sessionOf } from '../support/roles.ts';

let made: InAccount;
let alice: CallerKey;
let role: RoleEntity;
let session: Required<CallerKey>;
eachWithAnAccount((fresh) => (made = fresh));
beforeEach(async () => {
  alice = await made.userWith(allowing('sts:AssumeRole'));
  role = await makeRole(made, { policy: allowing('live:*') });
  session = await sessionOf(made, role, { key: alice });
});

/** The code that a call gets, `ok` without. JSON is asked for, because V1 answers XML by itself. */
async function answerTo(key: CallOptions): Promise<unknown> {
  const { json, status } = await made.call('DescribeLiveStreamBlocks', { Format: 'JSON' }, key);
  return status === 200 ? 'ok' : json['Code'];
}

describe.each(['v1', 'v3'] as const)('a session, %s', (scheme) => {
  const as = (key: CallOptions): Promise<unknown> => answerTo({ scheme, ...key });

  it('is let in with key, secret and token', async () => {
    expect(await as(session)).toBe('ok');
  });

  it('needs its token; an empty one counts as none', async () => {
    const { accessKeyId, accessKeySecret } = session;
    expect(await as({ accessKeyId, accessKeySecret })).toBe('MissingSecurityToken');
    expect(await as({ ...session, securityToken: '' })).toBe('MissingSecurityToken');
  });

  it('signs before anything is said of its token', async () => {
    expect(await as({ ...session, accessKeySecret: 'wrong' })).toBe('SignatureDoesNotMatch');
    expect(await as({ ...session, accessKeySecret: 'wrong', securityToken: 'x' })).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await as({ ...session, accessKeyId: session.accessKeyId.slice(0, -1) })).toBe(
      'InvalidAccessKeyId.NotFound',
    );
  });

  it('gets nowhere with garbage for a token', async () => {
    const { securityToken } = session;
    const flip = (at: number): string =>
      securityToken.slice(0, at) + (securityToken[at] === 'A' ? 'B' : 'A') + securityToken.slice(at + 1);
    const garbage = [
      'x',
      'v1.',
      'v1.AAAA',
      securityToken.slice(0, -2),
      `${securityToken}AAAA`,
      flip(10),
      flip(60),
    ];
    for (const token of garbage)
      expect(await as({ ...session, securityToken: token })).toBe('InvalidSecurityToken.Malformed');
  });

  it('gets nowhere with the token of another session', async () => {
    const { securityToken } = await sessionOf(made, role, { key: alice });
    expect(await as({ ...session, securityToken })).toBe('InvalidSecurityToken.MismatchWithAccessKey');
  });

  it('has a token that is of no use to a permanent key', async () => {
    const { securityToken } = session;
    expect(await as({ ...alice, securityToken })).toBe('InvalidSecurityToken.Malformed');
    // A token that is empty is none, as the C++ SDK sends it.
    const owner = { ...made.key, securityToken: '' };
    expect(await as(owner)).toBe('ok');
  });

  it('ends on the second', async () => {
    const short = await sessionOf(made, role, { key: alice, DurationSeconds: '900' });
    made.api.clock.advance(899_999);
    expect(await as(short)).toBe('ok');
    made.api.clock.advance(1);
    expect(await as(short)).toBe('InvalidSecurityToken.Expired');
    expect(await as(session)).toBe('ok');
  });

  it('ends with its role, also when the role is made anew', async () => {
    await removeRole(made, role);
    const { json } = await made.call('GetCallerIdentity', { Format: 'JSON' }, { scheme, ...session });
    expect(json).toMatchObject({
      Code: 'InvalidSecurityToken.Expired',
      Message: expect.stringContaining('its role does not exist any more') as string,
    });
    await makeRole(made, { name: role.name, policy: allowing('live:*') });
    expect(await as(session)).toBe('InvalidSecurityToken.Expired');
  });

  it('outlives the key and the user that opened it', async () => {
    const { accessKeyId } = alice;
    const [user] = [...made.account().users.values()];
    await made.api.core.changes.change(made.accountId, null, () => ({
      keys: [{ kind: 'status', accessKeyId, status: 'disabled' }],
      result: undefined,
    }));
    expect(await as(alice)).toBe('InvalidAccessKeyId.Inactive');
    expect(await as(session)).toBe('ok');
    await made.api.core.changes.change(made.accountId, null, () => ({
      keys: [{ kind: 'delete', accessKeyId }],
      removes: [{ kind: 'user', id: user!.id }],
      result: undefined,
    }));
    expect(await as(alice)).toBe('InvalidAccessKeyId.NotFound');
    expect(await as(session)).toBe('ok');
  });

  it('is refused a nonce that it used', async () => {
    expect(await as({ ...session, nonce: `once-${scheme}` })).toBe('ok');
    expect(await as({ ...session, nonce: `once-${scheme}` })).toBe('SignatureNonceUsed');
  });
});

describe('the policy of a session', () => {
  const DomainName = 'narrow.example.com';
  const state = { DomainName, AppName: 'live', StreamName: 'a' };
  const forbid = { ...state, LiveStreamType: 'publisher' };

  async function told(action: string, params: Record<string, string>, key: CallerKey): Promise<unknown> {
    const { json, status } = await made.call(action, params, key);
    const detail = json['AccessDeniedDetail'] as Record<string, string> | undefined;
    return status === 200 ? 'ok' : detail && `${detail['NoPermissionType']} by ${detail['PolicyType']}`;
  }
  const opened = async (rolePolicy: string, Policy: string): Promise<CallerKey> =>
    sessionOf(made, await makeRole(made, { policy: rolePolicy }), { key: alice, Policy });

  it('takes away and never gives', async () => {
    const narrow = await opened(
      allowing('live:Describe*'),
      allowing(['live:DescribeLiveStreamState', 'live:Forbid*']),
    );
    expect(await told('DescribeLiveStreamCount', { DomainName }, narrow)).toBe(
      'ImplicitDeny by SessionPolicy',
    );
    expect(await told('ForbidLiveStream', forbid, narrow)).toBe(
      'ImplicitDeny by AccountLevelIdentityBasedPolicy',
    );
    // The domain is somebody's who may be told: what matters is that RAM let the call through.
    const { json } = await made.call('DescribeLiveStreamState', state, narrow);
    expect(json['Code']).not.toBe('NoPermission');
  });

  it('denies outright', async () => {
    const deny = allowing('live:ForbidLiveStream').replace('Allow', 'Deny');
    const narrow = await opened(allowing('live:*'), deny);
    expect(await told('ForbidLiveStream', forbid, narrow)).toBe('ExplicitDeny by SessionPolicy');
    expect(await told('DescribeLiveStreamCount', { DomainName }, narrow)).toBe(
      'ImplicitDeny by SessionPolicy',
    );
  });

  it('holds to a resource and a condition', async () => {
    const mine = `acs:live:*:${made.accountId}:domain/mine-${made.accountId}.example.com`;
    const narrow = await opened(allowing('live:*'), allowing('live:*', mine));
    const own = { ...forbid, DomainName: `mine-${made.accountId}.example.com` };
    expect(await told('ForbidLiveStream', own, narrow)).toBe('ok');
    expect(await told('ForbidLiveStream', forbid, narrow)).toBe('ImplicitDeny by SessionPolicy');
    const { Statement } = JSON.parse(allowing('live:*')) as { Statement: [object] };
    const Condition = { StringEquals: { 'acs:SourceIp': '198.51.100.1' } };
    const policy = JSON.stringify({ Version: '1', Statement: [{ ...Statement[0], Condition }] });
    const elsewhere = await opened(allowing('live:*'), policy);
    expect(await told('ForbidLiveStream', own, elsewhere)).toBe('ImplicitDeny by SessionPolicy');
    const there = { ...elsewhere, clientAddress: '198.51.100.1' };
    expect(await told('ForbidLiveStream', { ...own, StreamName: 'b' }, there)).toBe('ok');
  });

  it('does not keep the role from losing a right', async () => {
    const allowed = await makeRole(made, { policy: allowing('live:*') });
    const narrow = await sessionOf(made, allowed, { key: alice, Policy: allowing('live:*') });
    expect(await told('DescribeLiveStreamBlocks', {}, narrow)).toBe('ok');
    await made.api.core.changes.change(made.accountId, null, () => ({
      puts: [{ ...allowed, policies: [] }],
      result: undefined,
    }));
    expect(await told('DescribeLiveStreamBlocks', {}, narrow)).toBe(
      'ImplicitDeny by AccountLevelIdentityBasedPolicy',
    );
  });
});

describe('over a restart', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'sluice-sessions-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('holds while the master key is the same, and on no other', async () => {
    const masterKey = randomBytes(32);
    const open = () => openStore({ directory, masterKey, clock: made.api.clock, log: silentLogger });
    let key: Required<CallerKey>;
    let accountId: string;
    {
      await using api = await startApi({ store: await open() });
      const first = await inAccount(api);
      ({ accountId } = first);
      const opened = await makeRole(first, { policy: allowing('live:*') });
      key = await sessionOf(first, opened, { key: await first.userWith(allowing('sts:AssumeRole')) });
    }
    await using again = await startApi({ store: await open() });
    const { json } = await again.call('GetCallerIdentity', {}, key);
    expect(json).toMatchObject({ AccountId: accountId, IdentityType: 'AssumedRoleUser' });
    // The store of the other tests has another master key.
    expect(await answerTo(key)).toBe('InvalidAccessKeyId.NotFound');
  });
});
