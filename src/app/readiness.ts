import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { messageOf } from '../base/errors.ts';
import type { Core } from '../core/core.ts';
import type { Store } from '../core/ports.ts';
import type { CheckResult } from './internal-server.ts';

/** What readiness looks at. */
export interface ReadinessDeps {
  readonly store: Pick<Store, 'ping'>;
  readonly core: Pick<Core, 'feed'>;
  readonly clock: Clock;
  /** False from the moment that the service begins to close. */
  readonly open: boolean;
}

const PING_MS = 1000;

/** The feed is read 20 times a second: this much silence means that blocks and keys of other processes do not arrive. */
const STALE_MS = 5000;

/** The state of every part, `ok` or what is wrong. */
export async function checkReadiness(deps: ReadinessDeps): Promise<Record<string, CheckResult>> {
  const { core, open } = deps;
  const staleMs = Math.round(core.feed.staleness());
  return {
    store: await ping(deps),
    feed: staleMs < STALE_MS ? 'ok' : `not read for ${staleMs} ms`,
    ingest: open ? 'ok' : 'closing',
  };
}

async function ping({ store, clock }: ReadinessDeps): Promise<CheckResult> {
  const expired = (): Error => new Error(`no answer within ${PING_MS} ms`);
  try {
    await withDeadline(store.ping(), { clock, ms: PING_MS, expired });
    return 'ok';
  } catch (error) {
    return messageOf(error);
  }
}
