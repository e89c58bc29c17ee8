import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { Access } from './access.ts';
import { KeyRing } from './access-keys.ts';
import { AccountChanges } from './account-changes.ts';
import { admit } from './admission.ts';
import type { Admission, PeerRequest } from './admission.ts';
import { BlockSet } from './blocks.ts';
import { Directory } from './directory.ts';
import { DomainOwners } from './domain-owners.ts';
import { DomainDirectory } from './domains.ts';
import type { DomainSettings } from './domains.ts';
import { FeedTail } from './feed-tail.ts';
import type { Store } from './ports.ts';
import { StreamControl } from './stream-control.ts';
import { StreamRegistry } from './streams.ts';
import type { RegistryDeps } from './streams.ts';
import { TestControls } from './test-controls.ts';
import type { TestSetup } from './test-controls.ts';

/** What the configuration says of the rules. */
export interface CoreSettings {
  readonly domains: DomainSettings;
  readonly allowUnauthenticated: boolean;
  readonly duplicatePublish: RegistryDeps['duplicatePublish'];
  /** See {@link StreamControl}. */
  readonly forbidDefaultDurationMs: number | null;
}

/** What the rules need of the outside. */
export interface CoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly store: Store;
  /** The account that owns this installation (`store.keys.rootAccountId`). */
  readonly rootAccountId: string;
  /** Only of a service in test mode; its clock is `clock` too. */
  readonly testSetup?: TestSetup | undefined;
}

/** The rules, assembled: what both doors and the operations work with. */
export interface Core {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly rootAccountId: string;
  readonly domains: DomainDirectory;
  readonly owners: DomainOwners;
  readonly keys: KeyRing;
  readonly directory: Directory;
  readonly changes: AccountChanges;
  readonly access: Access;
  readonly streams: StreamRegistry;
  readonly control: StreamControl;
  readonly store: Pick<
    Store,
    'blocks' | 'publishes' | 'audit' | 'trail' | 'tokens' | 'directory' | 'sessions'
  >;
  readonly feed: FeedTail;
  /** Undefined but in test mode. */
  readonly testControls: TestControls | undefined;
  /** See admission.ts. */
  admit(request: PeerRequest): Admission;
}

/**
 * Assembles the rules; no I/O. `core.feed.start()` loads the blocks and keys: only then may a door open.
 * @throws Error naming a bad domain in the settings.
 */
export function createCore(settings: CoreSettings, deps: CoreDeps): Core {
  const { clock, ids, log, store, rootAccountId } = deps;
  const domains = new DomainDirectory(settings.domains);
  const blocks = new BlockSet();
  const keys = new KeyRing();
  const streams = new StreamRegistry({
    ...deps,
    blocks,
    publishLog: store.publishes,
    duplicatePublish: settings.duplicatePublish,
  });
  const control = new StreamControl({
    clock,
    log,
    blocks,
    streams,
    store: store.blocks,
    defaultDurationMs: settings.forbidDefaultDurationMs,
  });
  const directory = new Directory();
  const feed = new FeedTail({ clock, log, feed: store.feed, blocks, keys, directory, control });
  const refresh = (): Promise<void> => feed.refresh();
  const changes = new AccountChanges({ clock, directory, keys, store: store.directory, refresh });
  const owners = new DomainOwners({ directory, domains, streams, changes, rootAccountId });
  const access = new Access({ clock, directory });
  const { allowUnauthenticated } = settings;
  const testControls =
    deps.testSetup && new TestControls({ ...deps.testSetup, rootAccountId, store, streams, feed });
  return {
    clock,
    ids,
    rootAccountId,
    domains,
    owners,
    keys,
    directory,
    changes,
    access,
    streams,
    control,
    store,
    feed,
    testControls,
    admit: (request) => admit(request, { clock, domains, blocks, allowUnauthenticated }),
  };
}
