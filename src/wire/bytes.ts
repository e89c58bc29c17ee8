/** Smallest first allocation of a `PayloadBuffer`, in bytes. */
const MIN_ALLOCATION = 512;

/**
 * Collects a payload of a declared length from pieces. It allocates by what has arrived or is at hand (at most about
 * twice as much), never by what a header promises, so that a few bytes cannot claim megabytes.
 */
export class PayloadBuffer {
  readonly length: number;
  #bytes: Buffer;
  #received = 0;

  /** `atHand` is how many bytes the caller could deliver now: a hint for the first allocation. */
  constructor(length: number, atHand: number) {
    this.length = length;
    this.#bytes = Buffer.allocUnsafe(Math.min(length, Math.max(atHand, MIN_ALLOCATION)));
  }

  get received(): number {
    return this.#received;
  }

  /** Bytes of memory that it takes. */
  get allocated(): number {
    return this.#bytes.length;
  }

  get missing(): number {
    return this.length - this.#received;
  }

  /** Takes `source[start..end)`, which must not be longer than `missing`. */
  append(source: Buffer, start: number, end: number): void {
    const needed = this.#received + end - start;
    if (needed > this.#bytes.length) this.#grow(needed);
    source.copy(this.#bytes, this.#received, start, end);
    this.#received = needed;
  }

  /** The whole payload; call it once `missing` is 0. */
  take(): Buffer {
    return this.#bytes;
  }

  #grow(needed: number): void {
    const bigger = Buffer.allocUnsafe(Math.min(this.length, Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(bigger, 0, 0, this.#received);
    this.#bytes = bigger;
  }
}

/**
 * `source[start..end)` for keeping: a view while it makes up at least half of the memory below it, else a copy, so that
 * a small payload kept in a cache does not hold a large read buffer alive.
 */
export function keepSlice(source: Buffer, start: number, end: number): Buffer {
  const view = source.subarray(start, end);
  return view.length * 2 >= source.buffer.byteLength ? view : Buffer.from(view);
}

/** `rest` followed by `bytes`, without a copy when one of them is empty. */
export function joinBytes(rest: Buffer, bytes: Uint8Array): Buffer {
  if (rest.length === 0) return asBuffer(bytes);
  return bytes.length === 0 ? rest : Buffer.concat([rest, bytes]);
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const EMPTY: Buffer = Buffer.alloc(0);
