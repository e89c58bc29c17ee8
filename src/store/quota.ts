import type { Transaction } from 'kysely';
import type { ForbidWrite } from '../core/ports.ts';
import { take } from './counters.ts';
import type { MainSchema } from './schema.ts';

type Trx = Transaction<MainSchema>;

/** How many blocks an account had in force at a time, when the feed was at a number. */
interface Count {
  readonly now: number;
  readonly seq: number;
  readonly blocks: number;
}

/** The counts of each file, by account. */
const counts = new WeakMap<object, Map<string, Count>>();

/**
 * Whether an account may have one block more. Every block that is stored takes a number of the feed, whoever stores it:
 * an account that had some blocks at one number has at most one more for each number since. Its rows are counted only
 * when that bound reaches the quota, so that the answer is exact all the same.
 */
export async function hasRoom(trx: Trx, { caller, now, quota }: ForbidWrite): Promise<boolean> {
  const seq = await take(trx, 'feed', 0);
  const known = countsOf(trx).get(caller.accountId);
  const holds = known && known.seq <= seq && known.now <= now;
  if (holds && known.blocks + (seq - known.seq) < quota) return true;
  const blocks = await countInForce(trx, caller.accountId, now);
  countsOf(trx).set(caller.accountId, { now, seq, blocks });
  return blocks < quota;
}

/** Forgets the counts of a transaction that is rolled back: it may have counted what then was not so. */
export function forgetCounts(trx: Trx): void {
  counts.delete(trx.getExecutor().adapter);
}

function countsOf(trx: Trx): Map<string, Count> {
  const { adapter } = trx.getExecutor();
  const known = counts.get(adapter);
  if (known) return known;
  const fresh = new Map<string, Count>();
  counts.set(adapter, fresh);
  return fresh;
}

async function countInForce(trx: Trx, accountId: string, now: number): Promise<number> {
  const { total } = await trx
    .selectFrom('blocks')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('account_id', '=', accountId)
    .where((eb) => eb.or([eb('resume_at', 'is', null), eb('resume_at', '>', now)]))
    .executeTakeFirstOrThrow();
  return total;
}
