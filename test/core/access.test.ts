import { describe, expect, it } from 'vitest';
import { Access } from '../../src/core/access.ts';
import type { AccessRequest } from '../../src/core/access.ts';
import { KeyRing } from '../../src/core/access-keys.ts';
import { Directory } from '../../src/core/directory.ts';
import type {
  Entity,
  GroupEntity,
  PolicyAttachment,
  PolicyEntity,
  UserEntity,
} from '../../src/core/entities.ts';
import { ManualClock } from '../support/manual-clock.ts';

const common = { accountId: '1', createdAt: 0, updatedAt: 0 };
const attached = (name: string, type: PolicyAttachment['type'] = 'Custom'): PolicyAttachment => ({
  type,
  name,
  attachedAt: 0,
});
const user = (...policies: PolicyAttachment[]): UserEntity => ({
  ...common,
  ...{ displayName: null, mobilePhone: null, email: null, comments: null },
  kind: 'user',
  id: 'alice',
  name: 'alice',
  policies,
});
const group = (name: string, ...policies: PolicyAttachment[]): GroupEntity => ({
  ...common,
  kind: 'group',
  id: name,
  name,
  comments: null,
  members: [{ userId: 'alice', joinedAt: 0 }],
  policies,
});
const policy = (name: string, document: string): PolicyEntity => ({
  ...common,
  ...{ description: null, defaultVersion: 'v1', nextVersion: 2 },
  kind: 'policy',
  id: name,
  name,
  versions: [{ id: 'v1', document, createdAt: 0 }],
});
const ALLOW_ALL = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

function setUp(...entities: Entity[]) {
  const directory = new Directory();
  let version = 0;
  const put = (entity: Entity): void =>
    directory.apply({ kind: entity.kind, id: entity.id, version: ++version, entity });
  entities.forEach(put);
  const access = new Access({ clock: new ManualClock(), directory });
  const principal = () => ({ kind: 'user' as const, accountId: '1', user: directory.user('alice')! });
  const ask = (more: Partial<AccessRequest> = {}) =>
    access.decide({
      principal: principal(),
      action: 'live:ForbidLiveStream',
      resources: ['*'],
      clientAddress: '192.0.2.1',
      secure: false,
      userAgent: undefined,
      ...more,
    });
  return { access, put, ask, principal };
}

describe('Access', () => {
  it('follows what changes in the account, at once', () => {
    const { put, ask } = setUp(user(), policy('all', ALLOW_ALL));
    expect(ask().effect).toBe('implicit-deny');
    put(user(attached('all')));
    expect(ask().effect).toBe('allow');
    put(policy('all', ALLOW_ALL.replace('Allow', 'Deny')));
    expect(ask().effect).toBe('explicit-deny');
  });

  it.each([
    ['cannot be read', policy('odd', '{"Version":"7"}'), attached('odd')],
    ['is not there', policy('other', ALLOW_ALL), attached('odd')],
    ['no release has any more', policy('other', ALLOW_ALL), attached('AliyunGone', 'System')],
  ])('denies everything by a policy that %s', (_, stored, odd) => {
    const { ask } = setUp(user(attached('all'), odd), policy('all', ALLOW_ALL), stored);
    expect(ask()).toMatchObject({ effect: 'explicit-deny', decidedBy: { policy: { name: odd.name } } });
  });

  it('reads a policy once, and judges it once, however many groups bring it', () => {
    const { access, principal } = setUp(
      user(attached('all')),
      ...['a', 'b', 'c'].map((name) => group(name, attached('all'))),
      policy('all', ALLOW_ALL),
    );
    const { identity } = access.policiesOf(principal());
    expect(identity.map(({ source }) => source)).toEqual(['user/alice']);
    expect(access.policiesOf(principal()).identity).toBe(identity);
  });

  it('shows conditions no more of a User-Agent than a pattern is for', () => {
    const { access, principal } = setUp(user());
    const asked = {
      principal: principal(),
      action: 'a:B',
      resources: ['*'],
      clientAddress: '::1',
      secure: true,
    };
    const { context } = access.questionOf({ ...asked, resources: ['*'], userAgent: 'x'.repeat(60_000) });
    expect(context.get('acs:UserAgent')).toHaveLength(512);
  });
});

it('a snapshot brings no key back that has changed since', () => {
  const keys = new KeyRing();
  const key = {
    accessKeyId: 'a',
    secret: 's',
    accountId: '1',
    userId: null,
    note: null,
    root: false,
    createdAt: 0,
  };
  keys.apply('a', { ...key, status: 'disabled', version: 6 }, 6);
  keys.apply('b', null, 7);
  const old = { ...key, status: 'active' as const, version: 3 };
  keys.reset([old, { ...old, accessKeyId: 'b' }], 5);
  expect(keys.find('a')?.status).toBe('disabled');
  expect(keys.find('b')).toBeUndefined();
  keys.prune(7);
  expect(keys.find('b')).toBeUndefined();
});
