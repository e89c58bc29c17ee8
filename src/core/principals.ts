import type { AccessKey } from './access-keys.ts';
import type { Directory } from './directory.ts';
import type { RoleEntity, UserEntity } from './entities.ts';
import type { SessionClaims } from './sessions.ts';

/** Who acts, proven by a signature. */
export type Principal =
  | { readonly kind: 'owner'; readonly accountId: string }
  | { readonly kind: 'user'; readonly accountId: string; readonly user: UserEntity }
  | {
      readonly kind: 'session';
      readonly accountId: string;
      readonly role: RoleEntity;
      readonly claims: SessionClaims;
    };

/** Whose a key is; undefined when its user is gone. */
export function principalOfKey(key: AccessKey, directory: Directory): Principal | undefined {
  const { accountId, userId } = key;
  if (userId === null) return { kind: 'owner', accountId };
  const user = directory.user(userId);
  return user?.accountId === accountId ? { kind: 'user', accountId, user } : undefined;
}

/** Whose a session is; undefined when its role is gone (a role that was made anew under the name has another id). */
export function principalOfSession(claims: SessionClaims, directory: Directory): Principal | undefined {
  const { accountId, roleId } = claims;
  const role = directory.role(roleId);
  return role?.accountId === accountId ? { kind: 'session', accountId, role, claims } : undefined;
}

/** The principal in words, for logs and the audit trail. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'owner':
      return 'root';
    case 'user':
      return `user/${principal.user.name}`;
    case 'session':
      return `role/${principal.role.name}:${principal.claims.sessionName}`;
  }
}

/** The principal's name in RAM, as `acs:PrincipalArn` and GetCallerIdentity have it. */
export function arnOf(principal: Principal): string {
  const { accountId } = principal;
  switch (principal.kind) {
    case 'owner':
      return `acs:ram::${accountId}:root`;
    case 'user':
      return `acs:ram::${accountId}:user/${principal.user.name}`;
    case 'session':
      return `acs:ram::${accountId}:assumed-role/${principal.role.name}/${principal.claims.sessionName}`;
  }
}

/** The kind of a principal as the vendor's denials name it. */
export function principalTypeOf({ kind }: Principal): 'Account' | 'SubUser' | 'AssumedRoleUser' {
  if (kind === 'owner') return 'Account';
  return kind === 'user' ? 'SubUser' : 'AssumedRoleUser';
}

/** The principal as the vendor's denials show it: a user by its id, a session by role and name. */
export function displayNameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'owner':
      return principal.accountId;
    case 'user':
      return principal.user.id;
    case 'session':
      return `${principal.role.name}:${principal.claims.sessionName}`;
  }
}
