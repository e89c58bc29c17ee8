import type { Clock } from '../base/clock.ts';
import { StoreUnavailableError } from '../base/errors.ts';
import type { KeyRing } from './access-keys.ts';
import type { AccountView, Directory } from './directory.ts';
import type { AccountEntity, Entity, EntityKind } from './entities.ts';
import type { Caller, DirectoryStore, KeyWrite } from './ports.ts';

/** What a change of an account consists of, and what its caller learns. */
export interface AccountPlan<T> {
  readonly puts?: readonly Entity[];
  readonly removes?: readonly { readonly kind: EntityKind; readonly id: string }[];
  readonly keys?: readonly KeyWrite[];
  /** The account's new name. */
  readonly name?: string;
  readonly result: T;
}

/** What changing accounts needs. */
export interface AccountChangesDeps {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: KeyRing;
  readonly store: DirectoryStore;
  /** Brings the memory to what the store has now. */
  readonly refresh: () => Promise<void>;
}

/** A change could not be made as the account is; `nonce-used`: the call was made before. */
export class AccountChangeError extends Error {
  override name = 'AccountChangeError';
  readonly problem: 'taken' | 'nonce-used';

  constructor(problem: AccountChangeError['problem']) {
    super(`the account was not changed: ${problem}`);
    this.problem = problem;
  }
}

/** Milliseconds that a change may wait for those before it: its caller has been told by then that it failed. */
const PATIENCE_MS = 2500;

/** How often a change is planned anew when another process was faster. */
const ATTEMPTS = 5;

/**
 * Changes accounts: a plan is made from the account in memory and written when the store still has the version that it
 * was made from. Changes of one account go one after the other; those of another process make a plan stale, and it is
 * made again from what that process wrote.
 */
export class AccountChanges {
  readonly #deps: AccountChangesDeps;
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(deps: AccountChangesDeps) {
    this.#deps = deps;
  }

  /**
   * Makes one change. `plan` sees the account as it is and may throw to refuse; it may run more than once. `caller` null:
   * the command line.
   * @throws AccountChangeError, StoreUnavailableError, and whatever `plan` throws.
   */
  change<T>(
    accountId: string,
    caller: Caller | null,
    plan: (account: AccountView, now: number) => AccountPlan<T>,
  ): Promise<T> {
    const { clock } = this.#deps;
    const before = this.#last.get(accountId) ?? Promise.resolve();
    const lateAt = clock.monotonic() + PATIENCE_MS;
    const change = before.then(() => {
      if (clock.monotonic() >= lateAt) throw new StoreUnavailableError('the changes before took too long');
      return this.#attempt(accountId, caller, plan);
    });
    const settled = change.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(accountId, settled);
    void settled.then(() => {
      if (this.#last.get(accountId) === settled) this.#last.delete(accountId);
    });
    return change;
  }

  async #attempt<T>(
    accountId: string,
    caller: Caller | null,
    plan: (account: AccountView, now: number) => AccountPlan<T>,
  ): Promise<T> {
    const { clock, directory, store, refresh } = this.#deps;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = clock.now();
      // In the same breath as the plan: what the account becomes meanwhile makes the plan stale.
      const expectedVersion = directory.versionOf(accountId);
      const planned = await this.#planned(caller, () => plan(directory.view(accountId), now));
      const { puts = [], removes = [], keys = [], name, result } = planned;
      const account = { ...this.#account(accountId, now), ...(name !== undefined && { name }) };
      const write = { caller, now, account, expectedVersion, puts, removes, keys };
      const outcome = await store.writeDirectory(write);
      if (outcome.kind === 'done') {
        for (const change of outcome.changes) directory.apply(change);
        for (const { accessKeyId, key, version } of outcome.keys)
          this.#deps.keys.apply(accessKeyId, key, version);
        return result;
      }
      if (outcome.kind !== 'stale') throw new AccountChangeError(outcome.kind);
      await refresh();
    }
    throw new StoreUnavailableError(`the account was changed by others ${ATTEMPTS} times in between`);
  }

  /** A call that the rules refuse is made once too: repeated later, when they would not, it must not act. */
  async #planned<T>(caller: Caller | null, plan: () => AccountPlan<T>): Promise<AccountPlan<T>> {
    try {
      return plan();
    } catch (error) {
      if (caller && !(await this.#deps.store.beginCall(caller))) throw new AccountChangeError('nonce-used');
      throw error;
    }
  }

  #account(accountId: string, now: number): AccountEntity {
    const known = this.#deps.directory.account(accountId);
    return known ?? { kind: 'account', id: accountId, accountId, createdAt: now, name: accountId };
  }
}
