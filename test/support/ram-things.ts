import { expect } from 'vitest';
import type { RoleEntity } from '../../src/core/entities.ts';
import type { InAccount } from './accounts.ts';
import type { ApiAnswer, CallerKey } from './api-harness.ts';

/** A policy (JSON) that allows one action on one resource. */
export function allowing(action: string, resource = '*'): string {
  return JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
  });
}

/** The answer of a call that must succeed. */
export async function ok(answer: Promise<ApiAnswer>): Promise<ApiAnswer['json']> {
  const { status, json } = await answer;
  expect({ status, json }).toMatchObject({ status: 200 });
  return json;
}

/** Makes a key through the API. */
export async function newKey(made: InAccount, params: { UserName?: string } = {}): Promise<CallerKey> {
  const { AccessKey } = await ok(made.call('CreateAccessKey', params));
  const { AccessKeyId, AccessKeySecret } = AccessKey as Record<string, string>;
  return { accessKeyId: AccessKeyId!, accessKeySecret: AccessKeySecret! };
}

/** Attaches a policy past the operations. */
export function attach(made: InAccount, kind: 'user' | 'group', name: string): Promise<void> {
  const { core } = made.api;
  return core.changes.change(made.accountId, null, (account) => {
    const entity = kind === 'user' ? account.users.get(name)! : account.groups.get(name)!;
    const policy = { type: 'System', name: 'AliyunLiveFullAccess', attachedAt: 0 } as const;
    return { puts: [{ ...entity, policies: [policy] }], result: undefined };
  });
}

/** A session of a role with this policy. */
export async function sessionWith(made: InAccount, document: string): Promise<CallerKey> {
  const { accountId, api } = made;
  const common = { accountId, createdAt: 0, updatedAt: 0, description: null };
  const policy = { type: 'Custom', name: 'of-role', attachedAt: 0 } as const;
  const role: RoleEntity = {
    ...common,
    kind: 'role',
    id: `${accountId}-role`,
    name: 'role',
    trustDocument: '{}',
    maxSessionSeconds: 3600,
    policies: [policy],
  };
  const text = {
    ...common,
    kind: 'policy',
    id: `${accountId}-of-role`,
    name: 'of-role',
    defaultVersion: 'v1',
    versions: [{ id: 'v1', document, createdAt: 0 }],
    nextVersion: 2,
  } as const;
  await api.core.changes.change(accountId, null, () => ({ puts: [role, text], result: undefined }));
  const claims = { accountId, roleId: role.id, sessionName: 'test', policy: null };
  const session = api.core.store.sessions.issue({ ...claims, expiresAt: api.clock.now() + 3_600_000 });
  return {
    accessKeyId: session.accessKeyId,
    accessKeySecret: session.secret,
    securityToken: session.token,
  };
}
