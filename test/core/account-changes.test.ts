import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/base/errors.ts';
import { KeyRing } from '../../src/core/access-keys.ts';
import { AccountChangeError, AccountChanges } from '../../src/core/account-changes.ts';
import { Directory } from '../../src/core/directory.ts';
import type { DomainEntity } from '../../src/core/entities.ts';
import type { DirectoryOutcome, DirectoryWrite } from '../../src/core/ports.ts';
import { caller } from '../store/support/test-store.ts';
import { ManualClock } from '../support/manual-clock.ts';

const domain = (id: string): DomainEntity => ({ kind: 'domain', id, accountId: '1', createdAt: 0 });

/** A store that keeps nothing but versions; `others` runs before each write, as another process would. */
function setUp(
  others: (write: number) => DirectoryOutcome['kind'] | undefined = () => undefined,
  before: () => Promise<void> = () => Promise.resolve(),
) {
  const clock = new ManualClock();
  const directory = new Directory();
  const writes: DirectoryWrite[] = [];
  const nonces: string[] = [];
  let seq = 0;
  let refreshes = 0;
  const changes = new AccountChanges({
    clock,
    directory,
    keys: new KeyRing(),
    refresh: async () => {
      refreshes++;
    },
    store: {
      beginCall: async ({ nonce }) => {
        const isNew = !nonces.includes(nonce);
        if (isNew) nonces.push(nonce);
        return isNew;
      },
      writeDirectory: async (write) => {
        writes.push(write);
        await before();
        const kind = others(writes.length);
        if (kind !== undefined && kind !== 'done') return { kind };
        const changed = [write.account, ...write.puts].map((entity) => ({
          kind: entity.kind,
          id: entity.id,
          version: ++seq,
          entity,
        }));
        return { kind: 'done', changes: changed, keys: [] };
      },
    },
  });
  return { clock, directory, writes, nonces, changes, refreshes: () => refreshes };
}

describe('AccountChanges', () => {
  it('plans each change of an account from what the one before made', async () => {
    const { changes, directory } = setUp();
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        changes.change('1', null, (account) => ({ puts: [domain(id)], result: account.domains.size })),
      ),
    );
    expect(seen).toEqual([0, 1, 2]);
    expect([...directory.view('1').domains.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('plans anew when another process was faster', async () => {
    const { changes, writes, refreshes } = setUp((write) => (write < 3 ? 'stale' : undefined));
    expect(await changes.change('1', null, () => ({ puts: [domain('a')], result: 'made' }))).toBe('made');
    expect([writes.length, refreshes()]).toEqual([3, 2]);
  });

  it('gives up when others are always faster', async () => {
    const { changes, writes } = setUp(() => 'stale');
    const change = changes.change('1', null, () => ({ result: undefined }));
    await expect(change).rejects.toThrow(StoreUnavailableError);
    expect(writes).toHaveLength(5);
  });

  it('takes the nonce of a call that its rules refuse, so that it is refused again whatever changes', async () => {
    const { changes, nonces } = setUp();
    const call = { ...caller({ accountId: '1' }) };
    const refusing = () =>
      changes.change('1', call, () => {
        throw new Error('no');
      });
    await expect(refusing()).rejects.toThrow('no');
    expect(nonces).toEqual([call.nonce]);
    await expect(refusing()).rejects.toEqual(new AccountChangeError('nonce-used'));
  });

  it('does not make a change whose caller has given up while those before it hung', async () => {
    let release = (): void => undefined;
    const hung = new Promise<void>((resolve) => (release = resolve));
    const { changes, clock, writes } = setUp(undefined, () => hung);
    const first = changes.change('1', null, () => ({ puts: [domain('a')], result: undefined }));
    const late = changes.change('1', null, () => ({ puts: [domain('b')], result: undefined }));
    await Promise.resolve();
    clock.advance(2500);
    release();
    await first;
    await expect(late).rejects.toThrow(StoreUnavailableError);
    expect(writes.map(({ puts }) => puts.map(({ id }) => id))).toEqual([['a']]);
  });

  it('goes on after a plan that refuses and after a write that is refused', async () => {
    const { changes, directory } = setUp((write) => (write === 1 ? 'taken' : undefined));
    const refusing = changes.change('1', null, () => {
      throw new Error('no');
    });
    const taken = changes.change('1', null, () => ({ puts: [domain('a')], result: undefined }));
    const good = changes.change('1', null, () => ({ puts: [domain('b')], result: undefined }));
    await expect(refusing).rejects.toThrow('no');
    await expect(taken).rejects.toEqual(new AccountChangeError('taken'));
    await good;
    expect([...directory.view('1').domains.keys()]).toEqual(['b']);
  });
});
