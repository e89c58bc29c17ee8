import { afterAll, describe, expect, it } from 'vitest';
import { CALL_FAMILIES } from './call-families.ts';
import { MEDIA_FAMILIES } from './media-families.ts';
import { StepCounter } from './steps.ts';

const counter = new StepCounter();
afterAll(() => counter[Symbol.dispose]());

/** Eight times as long has to cost eight times as much: what is quadratic costs 64 times. */
const SIZES = [1000, 2000, 4000, 8000];

/** What a reader may do before it has seen a byte, and for its last one. */
const FIXED = { blocks: 3000, bytes: 20_000 };

describe.each([...MEDIA_FAMILIES, ...CALL_FAMILIES])('$name', ({ input, read, perByte }) => {
  it.each(SIZES)(
    `costs no more than ${perByte.blocks} blocks and ${perByte.bytes} bytes a byte: size %i`,
    (size) => {
      const bytes = input(size);
      const { blocks, bytes: moved } = counter.count(() => read(bytes));
      expect(blocks).toBeLessThanOrEqual(perByte.blocks * bytes.length + FIXED.blocks);
      expect(moved).toBeLessThanOrEqual(perByte.bytes * bytes.length + FIXED.bytes);
    },
  );
});
