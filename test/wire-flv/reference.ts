/** Writes bits, most significant first: builds parameter sets without the code under test. */
export class BitWriter {
  readonly #bits: number[] = [];

  bits(count: number, value: number): this {
    for (let i = count - 1; i >= 0; i -= 1) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  /** ue(v): unsigned Exp-Golomb. */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.bits(length, 0).bits(length + 1, value + 1);
  }

  /** se(v): signed Exp-Golomb. */
  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** The bytes, closed with a stop bit and zeros. */
  bytes(): Buffer {
    const bits = [...this.#bits, 1];
    while (bits.length % 8 !== 0) bits.push(0);
    const out = Buffer.alloc(bits.length / 8);
    bits.forEach((bit, i) => (out[i >> 3]! |= bit << (7 - (i & 7))));
    return out;
  }
}

/** Puts emulation prevention bytes into a NAL unit. */
export function escapeNal(nal: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of nal) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}

const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255);

/** A classic AVC sequence header around one SPS. */
export function avcHeader(sps: Buffer): Buffer {
  const config = [1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1];
  return Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0, ...config), uint16(sps.length), sps]);
}

/** An enhanced HEVC sequence header around a VPS of nonsense and one SPS. */
export function hevcHeader(sps: Buffer): Buffer {
  const array = (type: number, nal: Buffer): Buffer =>
    Buffer.concat([Buffer.of(type), uint16(1), uint16(nal.length), nal]);
  const config = Buffer.alloc(23, 1);
  config[22] = 2;
  return Buffer.concat([
    Buffer.from('\x90hvc1', 'latin1'),
    config,
    array(32, Buffer.alloc(5)),
    array(33, sps),
  ]);
}
