import { AccountChangeError } from './account-changes.ts';
import type { AccountChanges } from './account-changes.ts';
import type { Directory } from './directory.ts';
import type { DomainDirectory } from './domains.ts';
import type { StreamRegistry } from './streams.ts';

/** What knowing the owners of domains needs. */
export interface DomainOwnersDeps {
  readonly directory: Directory;
  readonly domains: Pick<DomainDirectory, 'isConfigured' | 'configuredOwner'>;
  readonly streams: Pick<StreamRegistry, 'list'>;
  readonly changes: AccountChanges;
  /** The account that owns this installation. */
  readonly rootAccountId: string;
}

/**
 * Whose a domain is. What the configuration names without an owner, and what nobody named, is the root account's;
 * another account owns a domain from the first writing call in which it names one that is new: not configured, not another's, with nothing live and no
 * block in it. Publishing makes nobody an owner.
 */
export class DomainOwners {
  readonly #deps: DomainOwnersDeps;

  constructor(deps: DomainOwnersDeps) {
    this.#deps = deps;
  }

  /** The account of a main domain. */
  ownerOf(main: string): string {
    const { directory, domains, rootAccountId } = this.#deps;
    if (domains.isConfigured(main)) return domains.configuredOwner(main) ?? rootAccountId;
    return directory.domain(main)?.accountId ?? rootAccountId;
  }

  /** When the owner named a main domain first, epoch milliseconds; what was before is not its history. */
  ownedSince(main: string): number {
    const { directory, domains } = this.#deps;
    return domains.isConfigured(main) ? 0 : (directory.domain(main)?.createdAt ?? 0);
  }

  /** Whether a main domain has an owner by name: the configuration names it, or a call did. */
  isNamed(main: string): boolean {
    const { directory, domains } = this.#deps;
    return domains.isConfigured(main) || directory.domain(main) !== undefined;
  }

  /**
   * Makes an account the owner of a main domain that is new; false when it is not.
   * @throws StoreUnavailableError when that cannot be kept.
   */
  async claim(main: string, accountId: string): Promise<boolean> {
    if (!this.#isNew(main)) return false;
    try {
      await this.#write(main, accountId);
      return true;
    } catch (error) {
      if (error instanceof AccountChangeError) return false;
      throw error;
    }
  }

  #isNew(main: string): boolean {
    return !this.isNamed(main) && this.#deps.streams.list(main).length === 0;
  }

  /** The nonce is not the domain's business: the call that names it takes its own. */
  async #write(main: string, accountId: string): Promise<void> {
    await this.#deps.changes.change(accountId, null, (account, now) => {
      if (account.domains.has(main)) return { result: undefined };
      if (account.domains.size >= MAX_DOMAINS) throw new AccountChangeError('taken');
      return { puts: [{ kind: 'domain', id: main, accountId, createdAt: now }], result: undefined };
    });
  }
}

/** Domains that one account can own; calls alone must not grow the store without end. */
const MAX_DOMAINS = 1000;
