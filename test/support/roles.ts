import type { Entity, PolicyEntity, RoleEntity } from '../../src/core/entities.ts';
import { roleArnOf } from '../../src/core/ram/assume-role.ts';
import { systemIds } from '../../src/base/ids.ts';
import type { InAccount } from './accounts.ts';
import type { CallerKey } from './api-harness.ts';

/** A policy text of one statement that allows actions. */
export function allowing(
  action: string | readonly string[],
  resource: string | readonly string[] = '*',
): string {
  const statement = { Effect: 'Allow', Action: action, Resource: resource };
  return JSON.stringify({ Version: '1', Statement: [statement] });
}

/** A trust policy that names callers; `Condition` as in RAM. */
export function trusting(principals: readonly string[], condition?: object): string {
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: principals } };
  return JSON.stringify({
    Version: '1',
    Statement: [{ ...statement, ...(condition && { Condition: condition }) }],
  });
}

/** What is special about a role. */
export interface RoleOptions {
  readonly name?: string;
  /** Absent: every user and role of the account may take it on. */
  readonly trust?: string;
  /** JSON text. Absent: the role may do nothing. */
  readonly policy?: string;
  readonly maxSessionSeconds?: number;
}

/** Puts a role into an account, past its operations. */
export async function makeRole(
  { api, accountId }: Pick<InAccount, 'api' | 'accountId'>,
  options: RoleOptions = {},
): Promise<RoleEntity> {
  const name = options.name ?? `role-${systemIds.token(8)}`;
  const common = { accountId, createdAt: 0, updatedAt: 0, description: null };
  const document = options.policy;
  const own: PolicyEntity[] =
    document === undefined
      ? []
      : [
          {
            ...common,
            kind: 'policy',
            id: systemIds.uuid(),
            name: `of-${name}`,
            defaultVersion: 'v1',
            nextVersion: 2,
            versions: [{ id: 'v1', document, createdAt: 0 }],
          },
        ];
  const role: RoleEntity = {
    ...common,
    kind: 'role',
    id: `3${systemIds.bytes(6).readUIntBE(0, 6)}`,
    name,
    trustDocument: options.trust ?? trusting([`acs:ram::${accountId}:root`]),
    maxSessionSeconds: options.maxSessionSeconds ?? 3600,
    policies: own.map((policy) => ({ type: 'Custom', name: policy.name, attachedAt: 0 })),
  };
  const puts: Entity[] = [...own, role];
  await api.core.changes.change(accountId, null, () => ({ puts, result: undefined }));
  return role;
}

/** Removes a role, past its operations. */
export async function removeRole(
  { api, accountId }: Pick<InAccount, 'api' | 'accountId'>,
  { id }: RoleEntity,
) {
  const removes = [{ kind: 'role', id }] as const;
  await api.core.changes.change(accountId, null, () => ({ removes, result: undefined }));
}

/** Opens a session with AssumeRole and gives its key. */
export async function sessionOf(
  made: Pick<InAccount, 'call'>,
  role: RoleEntity,
  {
    key,
    ...params
  }: { readonly key: CallerKey; readonly Policy?: string; readonly DurationSeconds?: string },
): Promise<Required<CallerKey>> {
  const asked = { RoleArn: roleArnOf(role), RoleSessionName: 'night-shift', ...params };
  const { json, status } = await made.call('AssumeRole', asked, key);
  if (status !== 200) throw new Error(`AssumeRole: ${JSON.stringify(json)}`);
  const given = json['Credentials'] as Record<string, string>;
  return {
    accessKeyId: given['AccessKeyId']!,
    accessKeySecret: given['AccessKeySecret']!,
    securityToken: given['SecurityToken']!,
  };
}
