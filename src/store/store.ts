import type { Clock } from '../base/clock.ts';
import { messageOf, StartError } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { PageTokens } from '../core/audit-trail.ts';
import type { NewKey, Store } from '../core/ports.ts';
import { newAccountId } from '../core/ram/ram-ids.ts';
import type { SessionVault } from '../core/sessions.ts';
import { Audit } from './audit.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createKeyStore } from './key-store.ts';
import type { StoreLink } from './link.ts';
import { createPageTokens } from './page-tokens.ts';
import { StoredPublishes } from './publish-log.ts';
import { createSecretBox } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import { lockForService } from './service-lock.ts';
import { createSessionVault } from './session-vault.ts';
import { StoredBlocks } from './stored-blocks.ts';
import { WorkerLink } from './worker-link.ts';

/** How a store is opened. */
export interface StoreOptions {
  /** Where `sluice.db` and `sluice-log.db` are; made with mode 700 when missing. Null: in memory, gone at the end. */
  readonly directory: string | null;
  /** Id of the root account of a store that is new; absent: a random one. */
  readonly rootAccountId?: string;
  /** 32 bytes; seals the secrets of the access keys. */
  readonly masterKey: Buffer;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * `service` (default): the one process that publishes; locks the directory against another one, sweeps every minute and ends the publishes that an earlier run
   * left open. `tool`: works beside the service and does neither.
   */
  readonly role?: 'service' | 'tool';
  /** Refuse to make a store where there is none. */
  readonly mustExist?: boolean;
  /** Milliseconds to wait for the lock of another process (2000 for the service, 8000 for a tool). */
  readonly busyTimeoutMs?: number;
  /** The most bytes that each file may grow to; by default as the disk allows. */
  readonly maxBytes?: number;
}

const SWEEP_MS = 60_000;
/** A tool can wait; a forbid whose caller has gone should not hold up those behind it. */
const BUSY_MS = { service: 2000, tool: 8000 } as const;
const KEY_CHECK = 'sluice';
const KEY_CHECK_OWNER = 'meta/key_check';

/**
 * Opens the store of a directory, or makes it: SQLite in a worker thread, one commit for all that wait.
 * @throws StartError, one line that says what to do: the directory or a file cannot be made, read or written, is locked,
 * damaged or of a newer version, the disk is full, or the master key is another one.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory, clock, log, mustExist = false, role = 'service' } = options;
  const { busyTimeoutMs = BUSY_MS[role], maxBytes = 0 } = options;
  const settings = { directory, mustExist, busyTimeoutMs, maxBytes };
  return storeOver(await WorkerLink.open({ clock, log, settings }), options);
}

/** The store over a link that is open; closes the link when it cannot be. @throws StartError */
export async function storeOver(link: StoreLink, options: StoreOptions): Promise<Store> {
  const { masterKey, directory, clock, log, role = 'service' } = options;
  let unlock: (() => void) | undefined;
  try {
    const box = createSecretBox(masterKey);
    const rootAccountId = await identify(link, box, options);
    const runId = systemIds.uuid();
    if (role === 'service') {
      if (directory !== null) unlock = await lockForService(directory);
      await link.call('closeOrphans', { runId });
    }
    const blocks = new StoredBlocks(link, { clock, log });
    const publishes = new StoredPublishes(link, runId, { clock, log });
    const keys = createKeyStore({ link, box, clock, log, rootAccountId });
    const audit = new Audit(link, { clock, log });
    const sessions = createSessionVault(masterKey, box);
    const tokens = createPageTokens(box);
    const queues = { blocks, publishes, audit };
    const inMemory = directory === null;
    const parts = { link, ...queues, keys, sessions, tokens, unlock, inMemory };
    return assemble(parts, role === 'service' ? options : undefined);
  } catch (error) {
    await link.close();
    unlock?.();
    throw error instanceof StartError ? error : new StartError(messageOf(error), { cause: error });
  }
}

interface Parts {
  readonly link: StoreLink;
  readonly blocks: StoredBlocks;
  readonly publishes: StoredPublishes;
  readonly keys: ReturnType<typeof createKeyStore>;
  readonly audit: Audit;
  readonly sessions: SessionVault;
  readonly tokens: PageTokens;
  /** Lets another service have the directory. */
  readonly unlock: (() => void) | undefined;
  readonly inMemory: boolean;
}

function assemble(parts: Parts, sweeping: StoreOptions | undefined): Store {
  const { link, blocks, publishes, keys, audit, sessions, tokens, unlock, inMemory } = parts;
  const sweep = async (now: number): Promise<void> => {
    audit.roll(now);
    for (const step of ['sweepBlocks', 'sweepMain', 'sweepLog'] as const)
      while (await link.call(step, { now }));
  };
  const timer = sweeping && sweepRegularly(sweep, sweeping);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    timer?.cancel();
    await Promise.all([blocks.close(), publishes.close(), audit.close()]);
    await link.close();
    unlock?.();
  };
  const store: Store = {
    blocks,
    feed: keys,
    keys,
    directory: keys,
    sessions,
    publishes,
    audit,
    trail: createAuditTrail(link, () => audit.flushLines()),
    tokens,
    sweep,
    ...(inMemory && { wipe: (rootKey) => wipe(parts, rootKey) }),
    ping: () => link.call('ping', null),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => store.close(),
  };
  return store;
}

/** What waits to be written belongs to what is wiped. */
async function wipe({ link, blocks, publishes, keys, audit }: Parts, rootKey: NewKey): Promise<void> {
  await Promise.all([blocks.flush(), publishes.flush(), audit.flush()]);
  await keys.wipe(rootKey);
  await link.call('wipeLog', null);
}

function sweepRegularly(
  sweep: (now: number) => Promise<void>,
  { clock, log }: Pick<StoreOptions, 'clock' | 'log'>,
) {
  let current: Promise<void> | undefined;
  return clock.every(SWEEP_MS, () => {
    current ??= sweep(clock.now())
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'the store was not swept'))
      .finally(() => (current = undefined));
  });
}

/** Compares the master key with the one that the store was made with; returns the id of the root account. */
async function identify(link: StoreLink, box: SecretBox, options: StoreOptions): Promise<string> {
  const given = options.rootAccountId ?? newAccountId(systemIds);
  const fresh = { keyCheck: box.seal(KEY_CHECK, KEY_CHECK_OWNER), rootAccountId: given };
  const { keyCheck, rootAccountId } = await link.call('identify', fresh);
  try {
    box.open(keyCheck, KEY_CHECK_OWNER);
  } catch (cause) {
    throw new StartError(
      `the master key does not match the store in ${options.directory ?? 'memory'}: give the key that this store was made with`,
      { cause },
    );
  }
  return rootAccountId;
}
