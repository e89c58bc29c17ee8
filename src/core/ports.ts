import type { AccessKey } from './access-keys.ts';
import type { AuditLog, AuditTrail, PageTokens } from './audit-trail.ts';
import type { Block, BlockChange } from './blocks.ts';
import type { AccountEntity, Entity, EntityChange, EntityKind } from './entities.ts';
import type { StreamKey } from './names.ts';
import type { SessionVault } from './sessions.ts';
import type { CutEffect, PublishLog } from './streams.ts';

/** Who made a signed call, and its marks. */
export interface Caller {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly requestId: string;
  /** When the call came, epoch milliseconds. */
  readonly at: number;
  /** Who it is in words: `root`, `user/<name>` or `role/<name>:<session>`. */
  readonly actor: string;
  /** Operation name. */
  readonly action: string;
  /** What the call names, for the audit trail; null: nothing in particular. */
  readonly target: string | null;
  /** The caller's address, without port. */
  readonly clientAddress: string;
  /** The call's SignatureNonce, bounded; a writing call stores it in its own transaction. */
  readonly nonce: string;
}

/** A page of a list, pages counted from 1. */
export interface PageRequest {
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** One page and the number of all rows. */
export interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** What a forbid asks of the store. Times are epoch milliseconds. */
export interface ForbidWrite {
  readonly caller: Caller;
  readonly key: StreamKey;
  readonly now: number;
  readonly resumeAt: number | null;
  readonly reason: string | null;
  /** Replace a block that is in force instead of reporting it. */
  readonly replace: boolean;
  /** Cut only: records the intent, leaves no block. */
  readonly oneshot: boolean;
  /** The most unexpired blocks that the account may have. */
  readonly quota: number;
}

/** What became of a forbid. Every outcome but `nonce-used` has recorded the call's nonce. */
export type ForbidOutcome =
  /** `change` is null for a oneshot; `replaced`: there was a block in force, which it took the place of. */
  | {
      readonly kind: 'done';
      readonly intentId: number;
      readonly change: BlockChange | null;
      readonly replaced?: true;
    }
  | { readonly kind: 'exists'; readonly intentId: number; readonly block: Block }
  | { readonly kind: 'quota-exceeded' }
  | { readonly kind: 'nonce-used' };

/** What a resume asks of the store; `app` null means every app of the domain. */
export interface ResumeWrite {
  readonly caller: Caller;
  readonly domain: string;
  readonly app: string | null;
  readonly stream: string;
  readonly now: number;
}

/** What became of a resume: the keys that are free now (none is a success too). */
export type ResumeOutcome =
  { readonly kind: 'done'; readonly changes: readonly BlockChange[] } | { readonly kind: 'nonce-used' };

/** Filters of a list of blocks; a filter left out does not filter. Only blocks in force at `now` are listed. */
export interface BlockQuery extends PageRequest {
  readonly accountId: string;
  readonly now: number;
  readonly domain?: string;
  readonly app?: string;
  readonly stream?: string;
  /** Only blocks that end before this time (permanent ones do not). */
  readonly expiresBefore?: number;
  /** Only blocks that end at or after this time, or never. */
  readonly expiresAfter?: number;
}

/**
 * What became of a call: `exists` is a forbid that found a block and left it as it was, `cut-once` a oneshot; `resumed`
 * says nothing of whether there was a block.
 */
export type ControlOutcome = 'blocked' | 'replaced' | 'exists' | 'cut-once' | 'resumed';

/** One call on a stream, as DescribeLiveStreamsControlHistory shows it. */
export interface ControlRecord {
  readonly at: number;
  readonly action: string;
  readonly clientAddress: string;
  readonly accessKeyId: string;
  readonly requestId: string;
  /** `app` is `*` for a resume in every app. */
  readonly key: StreamKey;
  readonly reason: string | null;
  /** What the cut reached; `unknown` after a crash in between; null where there was nothing to cut. */
  readonly effect: CutEffect | 'unknown' | null;
  readonly outcome: ControlOutcome;
  /** End of the block that the call made or found, epoch milliseconds; null: it has none, or there is no block. */
  readonly resumeAt: number | null;
}

/** The calls of one account on the streams of a domain. */
export interface ControlQuery extends HistoryQuery {
  readonly accountId: string;
}

/** Bounds of a history query: `from` <= at <= `to`, epoch milliseconds. */
export interface HistoryQuery {
  readonly domain: string;
  readonly app?: string;
  readonly from: number;
  readonly to: number;
}

/** The durable blocks and their history. Every promise rejects with StoreUnavailableError when the store cannot. */
export interface BlockStore {
  forbid(write: ForbidWrite): Promise<ForbidOutcome>;
  resume(write: ResumeWrite): Promise<ResumeOutcome>;
  /** Completes the history row of a forbid after the cut; never throws, never waits, tries again, is bounded. */
  recordEffect(intentId: number, effect: CutEffect): void;
  listBlocks(query: BlockQuery): Promise<Page<Block>>;
  /** Newest first, at most `limit`. */
  listControlHistory(query: ControlQuery, limit: number): Promise<ControlRecord[]>;
}

/** A publish in the history. */
export interface PublishRecord {
  readonly id: string;
  readonly key: StreamKey;
  readonly pushDomain: string;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly startedAt: number;
  /** Null while it is live. */
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly bytes: number | null;
}

/** Filters of the publish history; publishes that overlap [from, to]. */
export interface PublishQuery extends PageRequest, HistoryQuery {
  readonly stream?: string;
  /** Whether `stream` is matched whole or as a part. */
  readonly match: 'strict' | 'fuzzy';
  readonly order: 'publish_time_asc' | 'publish_time_desc' | 'stream_name_asc' | 'stream_name_desc';
}

/** The publish history. */
export interface PublishHistory {
  listPublishes(query: PublishQuery): Promise<Page<PublishRecord>>;
}

/** One change of the feed: what the named thing is now. */
export type FeedChange =
  | { readonly seq: number; readonly kind: 'block'; readonly change: BlockChange }
  | {
      readonly seq: number;
      readonly kind: 'key';
      readonly accessKeyId: string;
      readonly key: AccessKey | null;
    }
  | { readonly seq: number; readonly kind: 'entity'; readonly change: EntityChange };

/** All state that a node keeps in memory, as of `seq`. */
export interface Snapshot {
  readonly seq: number;
  readonly blocks: readonly Block[];
  readonly keys: readonly AccessKey[];
  readonly entities: readonly EntityChange[];
}

/** The gapless change feed. */
export interface ChangeFeed {
  snapshot(): Promise<Snapshot>;
  /** The number of the newest change; nearly every look finds nothing new and costs no more. */
  head(): Promise<number>;
  /** Changes after `seq` in order, at most some hundreds; `gap` when rows after `seq` were trimmed: load a snapshot. */
  changesSince(seq: number): Promise<{ changes: readonly FeedChange[]; gap: boolean }>;
}

/** An access key that is about to be made; it begins active. */
export type NewKey = Omit<AccessKey, 'status' | 'version'>;

/** A change of an access key that is part of a change of its account. */
export type KeyWrite =
  | { readonly kind: 'create'; readonly key: NewKey }
  | { readonly kind: 'status'; readonly accessKeyId: string; readonly status: AccessKey['status'] }
  | { readonly kind: 'delete'; readonly accessKeyId: string };

/** One change of an account: everything in it happens, or nothing. */
export interface DirectoryWrite {
  /** Null: the command line, on the machine of the store. */
  readonly caller: Caller | null;
  readonly now: number;
  /** The account as it is to be. */
  readonly account: AccountEntity;
  /** The version of the account that the change was made from; another one in the store makes it `stale`. */
  readonly expectedVersion: number;
  readonly puts: readonly Entity[];
  readonly removes: readonly { readonly kind: EntityKind; readonly id: string }[];
  readonly keys: readonly KeyWrite[];
}

/** What a key is after a change; null: it is gone. */
export interface KeyChange {
  readonly accessKeyId: string;
  readonly key: AccessKey | null;
  readonly version: number;
}

/** What became of a change of an account. `taken`: another account has a domain, or there is such a key already. */
export type DirectoryOutcome =
  | {
      readonly kind: 'done';
      readonly changes: readonly EntityChange[];
      readonly keys: readonly KeyChange[];
    }
  | { readonly kind: 'stale' | 'taken' | 'nonce-used' };

/** The durable accounts and what they own. Rejects with StoreUnavailableError when the store cannot. */
export interface DirectoryStore {
  writeDirectory(write: DirectoryWrite): Promise<DirectoryOutcome>;
  /** Takes the nonce of a writing call that changes nothing in the store; false when it was used already. */
  beginCall(caller: Caller): Promise<boolean>;
}

/** The access keys of the store. */
export interface KeyStore {
  /** @throws Error when the id exists. */
  createKey(key: NewKey): Promise<AccessKey>;
  /** @throws StartError when there are keys and the secret of none can be opened. */
  listKeys(): Promise<AccessKey[]>;
  /** The id of the account that owns this installation, made at the first start (16 digits). */
  rootAccountId(): Promise<string>;
}

/** Everything that is kept, behind one handle. */
export interface Store extends AsyncDisposable {
  readonly blocks: BlockStore;
  readonly feed: ChangeFeed;
  readonly keys: KeyStore;
  readonly directory: DirectoryStore;
  readonly sessions: SessionVault;
  readonly publishes: PublishHistory & PublishLog;
  readonly audit: AuditLog;
  readonly trail: AuditTrail;
  readonly tokens: PageTokens;
  /** Deletes what has outlived its bound, expired blocks first (with their feed rows); runs by itself every minute. */
  sweep(now: number): Promise<void>;
  /**
   * Only of a store in memory: forgets everything but nonces, and has this key of the root account's instead. The feed
   * then has a gap for everybody who follows it.
   */
  readonly wipe?: (rootKey: NewKey) => Promise<void>;
  /** Resolves when a trivial change was committed; rejects with StoreUnavailableError. */
  ping(): Promise<void>;
  /** Writes what is still queued and closes. Idempotent. */
  close(): Promise<void>;
}
