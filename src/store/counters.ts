import type { Kysely, Transaction } from 'kysely';
import { prepared } from './prepared.ts';
import type { CounterTable, MainSchema } from './schema.ts';

type Trx = Transaction<MainSchema>;
type Name = CounterTable['name'];

/** A counter that a transaction holds: its last number, and the one that its row says. */
interface Held {
  last: number;
  written: number;
}

const held = new WeakMap<Trx, Map<Name, Held>>();

/**
 * Takes `count` numbers of a counter and returns the last of them. The row stays locked until the transaction ends, so
 * that numbers become visible in their order and without holes: a plain sequence loses changes for a reader. What a
 * transaction takes after the first time costs no statement: see {@link settle}.
 */
export async function take(trx: Trx, name: Name, count = 1): Promise<number> {
  const counters = held.get(trx) ?? new Map<Name, Held>();
  held.set(trx, counters);
  const known = counters.get(name);
  if (known) return (known.last += count);
  const { rows } = await add(trx, { name, count });
  const value = rows[0]?.value;
  if (value === undefined) throw new Error(`there is no counter ${name}`);
  counters.set(name, { last: value, written: value });
  return value;
}

/** Writes down the numbers that a transaction has taken; without this before its commit they are given out again. */
export async function settle(trx: Trx): Promise<void> {
  for (const [name, counter] of held.get(trx) ?? []) {
    if (counter.last === counter.written) continue;
    await write(trx, { name, value: counter.last });
    counter.written = counter.last;
  }
}

/** Forgets what was taken since a savepoint, when the transaction goes back to it. */
export function unsettle(trx: Trx): void {
  held.delete(trx);
}

const add = prepared((trx: Kysely<MainSchema>, value: { name: Name; count: number }) =>
  trx
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', value.count) }))
    .where('name', '=', value.name)
    .returning('value'),
);

const write = prepared((trx: Kysely<MainSchema>, value: { name: Name; value: number }) =>
  trx.updateTable('counters').set({ value: value.value }).where('name', '=', value.name),
);
