import fc from 'fast-check';

/** No format at all. */
export const noise: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 300, size: 'max' })
  .map((bytes) => Buffer.from(bytes));

/** Longer inputs than this are cut: a few repetitions of a recorded session are enough. Bytes. */
const MAX_INPUT = 64 * 1024;

/** One way to damage bytes; positions count from the beginning, modulo the length. */
type Edit =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'splice'; readonly at: number; readonly other: number; readonly from: number };

/** What a length, a count or a time may be at worst, 1 to 4 bytes wide. */
const EXTREMES = ['00', '01', '7f', '80', 'ff'].flatMap((first) =>
  [0, 1, 2, 3].flatMap((more) => [
    Buffer.from(first + '00'.repeat(more), 'hex'),
    Buffer.from(first + 'ff'.repeat(more), 'hex'),
  ]),
);

const at = fc.oneof(fc.nat(40), fc.nat(0xffff));
const length = fc.oneof(fc.nat(16), fc.nat(2000));
const few = fc.uint8Array({ minLength: 1, maxLength: 8 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at, bytes: fc.oneof(few, fc.constantFrom(...EXTREMES)) }),
  fc.record({ kind: fc.constant('insert' as const), at, bytes: few }),
  fc.record({ kind: fc.constant('cut' as const), at }),
  fc.record({ kind: fc.constant('remove' as const), at, length }),
  fc.record({ kind: fc.constant('repeat' as const), at, length, times: fc.integer({ min: 2, max: 20 }) }),
  fc.record({ kind: fc.constant('splice' as const), at, other: fc.nat(0xffff), from: at }),
);

/** Good bytes with up to six edits: changed, extreme, cut, moved, repeated, or gone on with as another of `others`. */
export function damaged(good: fc.Arbitrary<Buffer>, others: readonly Buffer[] = []): fc.Arbitrary<Buffer> {
  return fc
    .tuple(good, fc.array(edit, { maxLength: 6 }))
    .map(([bytes, edits]) =>
      edits.reduce((sofar, one) => apply(sofar, one, others).subarray(0, MAX_INPUT), bytes),
    );
}

function apply(bytes: Buffer, one: Edit, others: readonly Buffer[]): Buffer {
  const at = one.at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (one.kind) {
    case 'set':
      return Buffer.concat([before, one.bytes, after.subarray(one.bytes.length)]);
    case 'insert':
      return Buffer.concat([before, one.bytes, after]);
    case 'cut':
      return before;
    case 'remove':
      return Buffer.concat([before, after.subarray(one.length)]);
    case 'repeat': {
      const again = after.subarray(0, one.length);
      return Buffer.concat([before, ...Array.from({ length: one.times }, () => again), after]);
    }
    case 'splice': {
      const other = others[one.other % others.length] ?? bytes;
      return Buffer.concat([before, other.subarray(one.from % (other.length + 1))]);
    }
  }
}
