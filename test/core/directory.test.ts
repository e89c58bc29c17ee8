import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/core/directory.ts';
import type { EntityChange, UserEntity } from '../../src/core/entities.ts';

const user = (id: string, name: string, accountId = '1'): UserEntity => ({
  kind: 'user',
  id,
  accountId,
  name,
  displayName: null,
  mobilePhone: null,
  email: null,
  comments: null,
  createdAt: 0,
  updatedAt: 0,
  policies: [],
});
const put = (entity: UserEntity, version: number): EntityChange => ({
  kind: 'user',
  id: entity.id,
  version,
  entity,
});
const gone = (id: string, version: number): EntityChange => ({ kind: 'user', id, version, entity: null });
const names = (directory: Directory, account = '1'): string[] => [...directory.view(account).users.keys()];

describe('Directory', () => {
  it('keeps accounts apart', () => {
    const directory = new Directory();
    directory.apply(put(user('a', 'alice'), 1));
    directory.apply(put(user('b', 'alice', '2'), 2));
    expect(directory.view('1').users.get('alice')?.id).toBe('a');
    expect(directory.view('2').users.get('alice')?.id).toBe('b');
    expect(names(directory, '3')).toEqual([]);
  });

  it('follows a rename, and gives the name to the next one whatever comes first', () => {
    const directory = new Directory();
    directory.apply(put(user('a', 'alice'), 1));
    directory.apply(put(user('b', 'alice'), 3));
    directory.apply(put(user('a', 'old-alice'), 2));
    expect(names(directory).sort()).toEqual(['alice', 'old-alice']);
    expect(directory.view('1').users.get('alice')?.id).toBe('b');
  });

  it('says with its generation that something of the account changed, and only then', () => {
    const directory = new Directory();
    directory.apply(put(user('a', 'alice'), 5));
    const generation = directory.generationOf('1');
    directory.apply(put(user('a', 'older'), 4));
    directory.apply(put(user('z', 'other', '2'), 7));
    expect(directory.generationOf('1')).toBe(generation);
    directory.apply(gone('a', 6));
    expect(directory.generationOf('1')).not.toBe(generation);
  });

  it('forgets by a snapshot what the snapshot does not have, but nothing newer', () => {
    const directory = new Directory();
    directory.apply(put(user('a', 'alice'), 1));
    directory.apply(put(user('b', 'bob'), 9));
    directory.reset([put(user('c', 'carol'), 3)], 5);
    expect(names(directory).sort()).toEqual(['bob', 'carol']);
  });

  it('comes to the same state in whatever order changes arrive', () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      name: fc.constantFrom('x', 'y', 'z'),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (steps, order) => {
        const changes = steps.map((step, version) =>
          step.gone ? gone(step.id, version + 1) : put(user(step.id, `${step.name}-${step.id}`), version + 1),
        );
        const shuffled = changes
          .map((one) => ({ one, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const state = (all: readonly EntityChange[]): unknown => {
          const directory = new Directory();
          for (const one of all) directory.apply(one);
          return [...directory.view('1').users.values()].map(({ id, name }) => `${id}:${name}`).sort();
        };
        expect(state(shuffled)).toEqual(state(changes));
      }),
    );
  });
});
