import type {
  AccountEntity,
  DomainEntity,
  Entity,
  EntityChange,
  EntityKind,
  GroupEntity,
  PolicyEntity,
  RoleEntity,
  UserEntity,
} from './entities.ts';
import { VersionedMap } from './versioned-map.ts';

/** What one account owns, by name. */
export interface AccountView {
  readonly users: ReadonlyMap<string, UserEntity>;
  readonly groups: ReadonlyMap<string, GroupEntity>;
  readonly roles: ReadonlyMap<string, RoleEntity>;
  readonly policies: ReadonlyMap<string, PolicyEntity>;
  /** Main domains that the account named first. */
  readonly domains: ReadonlyMap<string, DomainEntity>;
}

interface AccountIndex {
  readonly users: Map<string, UserEntity>;
  readonly groups: Map<string, GroupEntity>;
  readonly roles: Map<string, RoleEntity>;
  readonly policies: Map<string, PolicyEntity>;
  readonly domains: Map<string, DomainEntity>;
}

const emptyIndex = (): AccountIndex => ({
  users: new Map(),
  groups: new Map(),
  roles: new Map(),
  policies: new Map(),
  domains: new Map(),
});

const NOTHING: AccountView = emptyIndex();

/** Accounts and all that they own, in memory, no I/O; applied by version like blocks and keys. */
export class Directory {
  readonly #entities = new VersionedMap<Entity>();
  readonly #accounts = new Map<string, AccountIndex>();
  readonly #generations = new Map<string, number>();
  #resets = 0;

  /** Changes with everything that an account owns, so that what was made of it can be kept until then. */
  generationOf(accountId: string): string {
    return `${this.#resets}.${this.#generations.get(accountId) ?? 0}`;
  }

  /** What an account owns. */
  view(accountId: string): AccountView {
    return this.#accounts.get(accountId) ?? NOTHING;
  }

  /** An account, or undefined when nothing was ever written of it (the root account begins like that). */
  account(accountId: string): AccountEntity | undefined {
    return this.#find('account', accountId);
  }

  /** All accounts that something was written of. */
  accounts(): AccountEntity[] {
    return [...this.#entities.values()].filter((entity) => entity.kind === 'account');
  }

  /** The version of an account's last change; 0 before the first. */
  versionOf(accountId: string): number {
    return this.#entities.versionOf(idOf('account', accountId));
  }

  /** A user by its id. */
  user(userId: string): UserEntity | undefined {
    return this.#find('user', userId);
  }

  /** A role by its id. */
  role(roleId: string): RoleEntity | undefined {
    return this.#find('role', roleId);
  }

  /** Who named a main domain first, or undefined. */
  domain(main: string): DomainEntity | undefined {
    return this.#find('domain', main);
  }

  /** Applies a change unless a newer state is known. */
  apply(change: EntityChange): void {
    const id = idOf(change.kind, change.id);
    const known = this.#entities.get(id);
    if (!this.#entities.apply(id, change.entity, change.version)) return;
    if (known) this.#unlist(known);
    if (change.entity) this.#list(change.entity);
  }

  /** Replaces everything that is not newer than `seq` by a snapshot of that age. */
  reset(changes: readonly EntityChange[], seq: number): void {
    for (const entity of this.#entities.forgetUpTo(seq)) this.#unlist(entity);
    this.#resets++;
    for (const change of changes) this.apply(change);
  }

  /** Forgets what was deleted and the feed has passed. */
  prune(seq: number): void {
    this.#entities.prune(seq);
  }

  #touch({ accountId }: Entity): void {
    this.#generations.set(accountId, (this.#generations.get(accountId) ?? 0) + 1);
  }

  #find<K extends EntityKind>(kind: K, id: string): Extract<Entity, { kind: K }> | undefined {
    return this.#entities.get(idOf(kind, id)) as Extract<Entity, { kind: K }> | undefined;
  }

  #list(entity: Entity): void {
    this.#touch(entity);
    const index = this.#accounts.get(entity.accountId) ?? emptyIndex();
    this.#accounts.set(entity.accountId, index);
    if (entity.kind !== 'account') mapOf(index, entity.kind).set(nameOf(entity), entity);
  }

  /** Another entity may have taken the name since: a rename frees it before the next one gets it, but in one change. */
  #unlist(entity: Entity): void {
    this.#touch(entity);
    const index = this.#accounts.get(entity.accountId);
    if (!index || entity.kind === 'account') return;
    const map = mapOf(index, entity.kind);
    if (map.get(nameOf(entity)) === entity) map.delete(nameOf(entity));
  }
}

function idOf(kind: EntityKind, id: string): string {
  return `${kind}/${id}`;
}

function nameOf(entity: Exclude<Entity, AccountEntity>): string {
  return entity.kind === 'domain' ? entity.id : entity.name;
}

function mapOf(index: AccountIndex, kind: Exclude<EntityKind, 'account'>): Map<string, Entity> {
  const maps = {
    user: index.users,
    group: index.groups,
    role: index.roles,
    policy: index.policies,
    domain: index.domains,
  };
  return maps[kind];
}
