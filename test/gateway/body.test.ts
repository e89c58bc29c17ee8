import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../src/base/byte-budget.ts';
import { collectBody, HeldBody } from '../../src/gateway/body.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What can still be taken; takes nothing. */
function left(budget: ByteBudget): number {
  let bytes = 0;
  for (let step = 2 ** 30; step >= 1; step /= 2) if (budget.take(step)) bytes += step;
  budget.give(bytes);
  return bytes;
}

/** A body under way: what was handed over, and what makes it go on. */
function collecting(budget: ByteBudget) {
  const payload = new EventEmitter();
  const got: { error: Error | null; body: HeldBody | undefined }[] = [];
  collectBody(payload as unknown as IncomingMessage, budget, (error, body) => {
    got.push({ error, body });
  });
  return { payload, got };
}

describe('a body', () => {
  it('is what came, however it was cut, and leaves the budget as it was', () => {
    const cuts = fc.array(fc.nat(40 * KIB), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (sizes) => {
        const chunks = sizes.map((size, at) => Buffer.alloc(size, at));
        const budget = new ByteBudget(4 * MIB);
        const { payload, got } = collecting(budget);
        for (const chunk of chunks) payload.emit('data', chunk);
        payload.emit('end');
        payload.emit('close');
        expect(got).toHaveLength(1);
        expect(got[0]?.body?.bytes.equals(Buffer.concat(chunks))).toBe(true);
        got[0]?.body?.release();
        got[0]?.body?.release();
        expect(left(budget)).toBe(4 * MIB);
      }),
      { numRuns: 50 },
    );
  });

  it('of single bytes takes no more than one of large chunks', () => {
    const budget = new ByteBudget(4 * MIB);
    const body = new HeldBody(budget);
    for (let at = 0; at < MIB; at++) body.add(Buffer.of(1));
    expect(body.bytes.length).toBe(MIB);
    expect(body.bytes.buffer.byteLength).toBe(MIB);
    expect(left(budget)).toBe(3 * MIB + 8 * KIB);
  });

  it.each([
    { what: 'is too large', size: MIB + 1, bytes: 4 * MIB, code: 'RequestEntityTooLarge' },
    { what: 'finds no room', size: 512 * KIB, bytes: 256 * KIB, code: 'ServiceUnavailable' },
  ])('that $what is reported once, at once, and not kept', ({ size, bytes, code }) => {
    const budget = new ByteBudget(bytes);
    const { payload, got } = collecting(budget);
    for (let at = 0; at < size; at += KIB) payload.emit('data', Buffer.alloc(KIB));
    expect(got).toMatchObject([{ error: null, body: { refusal: code } }]);
    expect(got[0]?.body?.bytes.length).toBe(0);
    expect(left(budget)).toBe(bytes);
    payload.emit('data', Buffer.alloc(KIB));
    payload.emit('end');
    payload.emit('close');
    expect(got).toHaveLength(1);
    expect(left(budget)).toBe(bytes);
  });

  it('that breaks off gives back what it took', () => {
    const budget = new ByteBudget(MIB);
    const { payload, got } = collecting(budget);
    payload.emit('data', Buffer.alloc(100 * KIB));
    expect(left(budget)).toBe(MIB - 92 * KIB);
    payload.emit('error', new Error('aborted'));
    payload.emit('close');
    expect(got).toMatchObject([{ error: { message: 'aborted' } }]);
    expect(left(budget)).toBe(MIB);
  });

  it('of 8 KiB needs no budget', () => {
    const body = new HeldBody(new ByteBudget(0));
    expect(body.add(Buffer.alloc(8 * KIB))).toBe(true);
    expect(body.add(Buffer.of(1))).toBe(false);
  });
});
