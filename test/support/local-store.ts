import { StoreUnavailableError } from '../../src/base/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import type { Reply } from '../../src/store/commands.ts';
import { StoreEngine } from '../../src/store/engine.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { openFiles } from '../../src/store/open-files.ts';
import { storeOver } from '../../src/store/store.ts';
import type { StoreOptions } from '../../src/store/store.ts';

/**
 * The store without its thread: the same files, statements and group commit, in the test's own process. It opens in
 * a tenth of the time, because no worker has to load TypeScript. Two of them on one
 * directory must not write at the same time: waiting for a lock stops the whole thread.
 */
export async function openLocalStore(options: StoreOptions): Promise<Store> {
  const { directory, clock, mustExist = false, busyTimeoutMs = 2000, maxBytes = 0 } = options;
  const files = await openFiles({ directory, mustExist, busyTimeoutMs, maxBytes, now: clock.now() });
  const waiting = new Map<number, (reply: Reply) => void>();
  const engine = new StoreEngine({
    main: files.main.db,
    log: files.log.db,
    reply: (replies) => replies.forEach((reply) => waiting.get(reply.id)?.(reply)),
  });
  let nextId = 1;
  let open = true;
  const send = (name: Parameters<StoreLink['call']>[0], args: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!open) throw new StoreUnavailableError('the store is closed');
      const id = nextId++;
      waiting.set(id, (reply) => {
        waiting.delete(id);
        if (reply.ok) resolve(reply.value);
        else reject(reply.unavailable ? new StoreUnavailableError(reply.message) : new Error(reply.message));
      });
      // A worker gets a copy, and refuses what cannot be copied.
      engine.submit({ id, name, args: structuredClone(args) });
    });
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await engine.idle();
    files.log.close();
    files.main.close();
  };
  return storeOver({ call: send as StoreLink['call'], close }, options);
}
