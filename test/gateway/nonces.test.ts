import { expect, it } from 'vitest';
import { NONCE_LIFETIME_MS } from '../../src/core/access-keys.ts';
import { boundedNonce, NonceMemory } from '../../src/gateway/nonces.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp(capacity = 100) {
  const clock = new ManualClock();
  let evicted = 0;
  const evict = (): void => {
    evicted++;
  };
  const nonces = new NonceMemory({ clock, capacity, evicted: evict });
  return { clock, nonces, evictions: () => evicted };
}

it('refuses a nonce for 31 minutes, for its key only', () => {
  const { clock, nonces } = setUp();
  expect(nonces.remember('a', 'n')).toBe(true);
  expect(nonces.remember('b', 'n')).toBe(true);
  clock.advance(NONCE_LIFETIME_MS - 1);
  expect(nonces.remember('a', 'n')).toBe(false);
  clock.advance(1);
  expect(nonces.remember('a', 'n')).toBe(true);
});

it('does not let a refused repetition live longer', () => {
  const { clock, nonces } = setUp();
  nonces.remember('a', 'n');
  clock.advance(NONCE_LIFETIME_MS / 2);
  nonces.remember('a', 'n');
  clock.advance(NONCE_LIFETIME_MS / 2);
  expect(nonces.remember('a', 'n')).toBe(true);
});

it('takes any text for a nonce, however long, and keeps little of it', () => {
  const { nonces } = setUp();
  const long = 'x'.repeat(60_000);
  for (const nonce of [' ', '0.10943500 1795328666', '\u{1f600}', long, `${long}y`].map(boundedNonce)) {
    expect(nonce.length).toBeLessThanOrEqual(100);
    expect(nonces.remember('a', nonce)).toBe(true);
    expect(nonces.remember('a', nonce)).toBe(false);
  }
});

it('is bounded, lets the oldest go and counts it', () => {
  const { nonces, evictions } = setUp(3);
  for (const nonce of ['1', '2', '3', '4', '5']) nonces.remember('a', nonce);
  expect(nonces.size).toBe(3);
  expect(evictions()).toBe(2);
  expect(nonces.remember('a', '5')).toBe(false);
  expect(nonces.remember('a', '1')).toBe(true);
});

it('forgets what has expired without counting it', () => {
  const { clock, nonces, evictions } = setUp(3);
  for (const nonce of ['1', '2', '3']) nonces.remember('a', nonce);
  clock.advance(NONCE_LIFETIME_MS);
  nonces.remember('a', '4');
  expect([nonces.size, evictions()]).toEqual([1, 0]);
});
