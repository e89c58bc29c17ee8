/**
 * What an account consists of besides its keys and blocks: small documents, each with one owner, kept as they are by the
 * store and in memory by the directory. Times are epoch milliseconds.
 */

/** A policy that is attached to a user, group or role. */
export interface PolicyAttachment {
  readonly type: 'System' | 'Custom';
  readonly name: string;
  readonly attachedAt: number;
}

interface Owned {
  /** Unique within its kind in the whole installation. */
  readonly id: string;
  readonly accountId: string;
  readonly createdAt: number;
}

/** An account: an owner of domains, users and keys. Every change of what it owns is a change of it too. */
export interface AccountEntity extends Owned {
  readonly kind: 'account';
  readonly name: string;
}

/** A domain that a call of its owner named first. `id` is the main domain. */
export interface DomainEntity extends Owned {
  readonly kind: 'domain';
}

/** A RAM user. */
export interface UserEntity extends Owned {
  readonly kind: 'user';
  readonly name: string;
  readonly displayName: string | null;
  readonly mobilePhone: string | null;
  readonly email: string | null;
  readonly comments: string | null;
  readonly updatedAt: number;
  readonly policies: readonly PolicyAttachment[];
}

/** A group of RAM users. */
export interface GroupEntity extends Owned {
  readonly kind: 'group';
  readonly name: string;
  readonly comments: string | null;
  readonly updatedAt: number;
  readonly members: readonly { readonly userId: string; readonly joinedAt: number }[];
  readonly policies: readonly PolicyAttachment[];
}

/** A RAM role, which sessions take on. */
export interface RoleEntity extends Owned {
  readonly kind: 'role';
  readonly name: string;
  readonly description: string | null;
  /** Who may take it on, as it was given (JSON). */
  readonly trustDocument: string;
  /** The longest session, seconds. */
  readonly maxSessionSeconds: number;
  readonly updatedAt: number;
  readonly policies: readonly PolicyAttachment[];
}

/** A version of a policy's text. */
export interface PolicyVersion {
  /** `v1`, `v2`, ...; a number is never given twice. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

/** A policy of an account's own. */
export interface PolicyEntity extends Owned {
  readonly kind: 'policy';
  readonly name: string;
  readonly description: string | null;
  readonly defaultVersion: string;
  readonly versions: readonly PolicyVersion[];
  /** The number of the next version. */
  readonly nextVersion: number;
  readonly updatedAt: number;
}

/** Whatever the directory holds. */
export type Entity = AccountEntity | DomainEntity | UserEntity | GroupEntity | RoleEntity | PolicyEntity;

/** One of the kinds of {@link Entity}. */
export type EntityKind = Entity['kind'];

/** What one entity is after a change; null: it is gone. The higher version wins. */
export interface EntityChange {
  readonly kind: EntityKind;
  readonly id: string;
  /** The feed sequence number of the change. */
  readonly version: number;
  readonly entity: Entity | null;
}
