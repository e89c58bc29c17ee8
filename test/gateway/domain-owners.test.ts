import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inAccount } from '../support/accounts.ts';
import type { InAccount } from '../support/accounts.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api } from '../support/api-harness.ts';
import { play, publish } from '../support/fake-peers.ts';

let api: Api;
let tenant: InAccount;
let names = 0;

beforeAll(async () => {
  const owners = { 'given.example.com': '2000000000009999' };
  api = await startApi({ domains: { registered: ['kept.example.com'], owners } });
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  api.clock.advance(60_000);
  tenant = await inAccount(api);
});

const newDomain = (): string => `tenant${++names}.example.com`;
const stream = (DomainName: string) => ({
  DomainName,
  AppName: 'live',
  StreamName: 'room1',
  LiveStreamType: 'publisher',
});
const state = (DomainName: string) => ({ DomainName, AppName: 'live', StreamName: 'room1' });
const unknown = { status: 404, json: { Code: 'InvalidDomain.NotFound' } };
const refused = { status: 403, json: { Code: 'IllegalOperation' } };

describe('the owner of a domain', () => {
  it('is the account that named it first', async () => {
    const domain = newDomain();
    expect((await tenant.call('ForbidLiveStream', stream(domain))).status).toBe(200);
    expect(api.core.owners.ownerOf(domain)).toBe(tenant.accountId);
    const other = await tenant.otherAccount();
    expect(await other.call('ForbidLiveStream', stream(domain))).toMatchObject(refused);
    expect(await other.call('DescribeLiveStreamState', state(domain))).toMatchObject(refused);
    expect(await api.call('ResumeLiveStream', stream(domain))).toMatchObject(refused);
    expect((await tenant.call('DescribeLiveStreamState', state(domain))).json).toMatchObject({
      StreamState: 'forbidden',
    });
  });

  it('is kept over a restart', async () => {
    const domain = newDomain();
    await tenant.call('ForbidLiveStream', stream(domain));
    const { entities } = await api.store.feed.snapshot();
    expect(entities).toContainEqual(
      expect.objectContaining({
        kind: 'domain',
        id: domain,
        entity: { kind: 'domain', id: domain, accountId: tenant.accountId, createdAt: api.clock.now() },
      }),
    );
  });

  it.each(['live.local', 'push.example.com', 'play.example.com', 'kept.example.com', '127.0.0.1'])(
    'of %s, which the configuration names, is the root account',
    async (domain) => {
      expect(await tenant.call('DescribeLiveStreamState', state(domain))).toMatchObject(refused);
      expect((await api.call('DescribeLiveStreamState', state(domain))).status).toBe(200);
    },
  );

  it('is the account that the configuration says', async () => {
    expect(await api.call('DescribeLiveStreamState', state('given.example.com'))).toMatchObject(refused);
    expect(api.core.owners.ownerOf('given.example.com')).toBe('2000000000009999');
  });

  it('is the root account of what nobody named, and naming makes no row of it', async () => {
    const domain = newDomain();
    expect((await api.call('DescribeLiveStreamState', state(domain))).status).toBe(200);
    expect(api.core.directory.domain(domain)).toBeUndefined();
  });

  it.each(['ForbidLiveStream', 'DescribeLiveStreamState'])(
    'stays the root account while something is live or blocked there (%s)',
    async (action) => {
      const live = newDomain();
      const key = { domain: live, app: 'live', stream: 'room1' };
      const publisher = publish(api.core, key);
      const ended = play(api.core, key);
      const params = (domain: string) => (action === 'ForbidLiveStream' ? stream(domain) : state(domain));
      const answer = action === 'ForbidLiveStream' ? refused : unknown;
      expect(await tenant.call(action, params(live))).toMatchObject(answer);
      expect([publisher.cuts, ended]).toEqual([[], []]);
      const blocked = newDomain();
      await api.call('ForbidLiveStream', stream(blocked));
      expect(await tenant.call(action, params(blocked))).toMatchObject(answer);
      expect(api.core.owners.ownerOf(blocked)).toBe(api.accountId);
    },
  );

  it('does not come of a call that is denied, malformed or one too many', async () => {
    const domain = newDomain();
    const user = await tenant.userWith('AliyunLiveReadOnlyAccess');
    const { AppName: _, ...incomplete } = stream(domain);
    expect((await tenant.call('ForbidLiveStream', stream(domain), user)).json['Code']).toBe('NoPermission');
    expect((await tenant.call('ForbidLiveStream', incomplete)).json['Code']).toBe('MissingAppName');
    expect(api.core.owners.ownerOf(domain)).toBe(api.accountId);
  });

  it('does not come of reading', async () => {
    const domain = newDomain();
    expect(await tenant.call('DescribeLiveStreamState', state(domain))).toMatchObject(unknown);
    expect(api.core.directory.domain(domain)).toBeUndefined();
  });

  it('stays the root account where it forbade streams before, though no block is left', async () => {
    const domain = newDomain();
    await api.call('ForbidLiveStream', { ...stream(domain), Oneshot: 'yes' });
    expect(await tenant.call('ForbidLiveStream', stream(domain))).toMatchObject(refused);
    expect((await api.call('ForbidLiveStream', stream(domain))).status).toBe(200);
  });

  it('is one, however many name it at once', async () => {
    const domain = newDomain();
    const others = await Promise.all([tenant.otherAccount(), tenant.otherAccount(), tenant.otherAccount()]);
    const answers = await Promise.all(others.map(({ call }) => call('ForbidLiveStream', stream(domain))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  });

  it('sees no publish that ended before the domain was its own', async () => {
    const domain = newDomain();
    const key = { domain, app: 'live', stream: 'room1' };
    const { publish: earlier } = publish(api.core, key);
    api.core.streams.detachPublisher(earlier, 'gone');
    api.clock.advance(5000);
    const span = { StartTime: '2025-12-31T00:00:00Z', EndTime: '2026-01-20T00:00:00Z' };
    const list = () => tenant.call('DescribeLiveStreamsPublishList', { DomainName: domain, ...span });
    await tenant.call('ForbidLiveStream', { ...stream(domain), Oneshot: 'yes' });
    const { publish: later } = publish(api.core, key);
    api.core.streams.detachPublisher(later, 'gone');
    api.clock.advance(5000);
    expect((await list()).json).toMatchObject({ TotalNum: 1 });
  });
});
