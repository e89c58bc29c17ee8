import { asBuffer } from '../bytes.ts';
import { RtmpError } from './messages.ts';

/** A decoded AMF0 value. Objects, typed objects and ECMA arrays are `AmfObject`s without a prototype. */
export type AmfValue = null | undefined | boolean | number | string | Date | AmfValue[] | AmfObject;

export interface AmfObject {
  [key: string]: AmfValue;
}

/** Bounds on one decoded message. */
export interface AmfLimits {
  /** Nesting of objects and arrays. */
  depth: number;
  /** Values in all, members and references (with what they refer to) included. */
  values: number;
}

const DEFAULT_LIMITS: AmfLimits = { depth: 8, values: 512 };

/** AMF0 type markers (Adobe AMF 0, 2.1). */
const Marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xml: 0x0f,
  typedObject: 0x10,
} as const;

/**
 * Decodes all AMF0 values of a message body.
 * @throws RtmpError when it is truncated, malformed, over the limits, refers to a value that contains the reference, or
 *   switches to AMF3
 */
export function decodeAmf0(bytes: Uint8Array, limits: Partial<AmfLimits> = {}): AmfValue[] {
  const decoder = new Decoder(bytes, { ...DEFAULT_LIMITS, ...limits });
  const values: AmfValue[] = [];
  while (!decoder.atEnd) values.push(decoder.value(0));
  return values;
}

/** An object or array that a reference may point to, with what it adds to the count of values and the nesting. */
interface Complex {
  value: AmfValue[] | AmfObject;
  /** False while its members are still being read: a reference to it would be a cycle. */
  complete: boolean;
  values: number;
  height: number;
}

class Decoder {
  readonly #bytes: Buffer;
  readonly #limits: AmfLimits;
  readonly #complex: Complex[] = [];
  #at = 0;
  #values = 0;
  /** The deepest nesting reached since a complex value began; gives its height. */
  #deepest = 0;

  constructor(bytes: Uint8Array, limits: AmfLimits) {
    this.#bytes = asBuffer(bytes);
    this.#limits = limits;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    this.#count(1);
    const marker = this.#bytes.readUInt8(this.#take(1));
    switch (marker) {
      case Marker.number:
        return this.#number();
      case Marker.boolean:
        return this.#bytes.readUInt8(this.#take(1)) !== 0;
      case Marker.string:
        return this.#text(this.#uint16());
      case Marker.longString:
      case Marker.xml:
        return this.#text(this.#uint32());
      case Marker.null:
        return null;
      case Marker.undefined:
      case Marker.unsupported:
        return undefined;
      case Marker.date:
        return this.#date();
      case Marker.reference:
        return this.#reference(depth);
      default:
        return this.#complexValue(marker, depth + 1);
    }
  }

  #complexValue(marker: number, depth: number): AmfValue[] | AmfObject {
    if (depth > this.#limits.depth) throw new RtmpError('AMF: nested too deep');
    const value: AmfValue[] | AmfObject =
      marker === Marker.strictArray ? [] : (Object.create(null) as AmfObject);
    const entry: Complex = { value, complete: false, values: this.#values, height: 0 };
    this.#complex.push(entry);
    const deepestOutside = this.#deepest;
    this.#deepest = depth;
    if (Array.isArray(value)) this.#elements(value, depth);
    else this.#members(value, { marker, depth });
    entry.complete = true;
    entry.values = this.#values - entry.values + 1;
    entry.height = this.#deepest - depth + 1;
    this.#deepest = Math.max(this.#deepest, deepestOutside);
    return value;
  }

  #elements(into: AmfValue[], depth: number): void {
    // The declared count is not trusted: the loop ends with the first missing byte.
    for (let left = this.#uint32(); left > 0; left -= 1) into.push(this.value(depth));
  }

  #members(into: AmfObject, from: { marker: number; depth: number }): void {
    if (from.marker === Marker.ecmaArray) this.#take(4);
    else if (from.marker === Marker.typedObject) this.#text(this.#uint16());
    else if (from.marker !== Marker.object) throw new RtmpError('AMF: unknown type');
    for (;;) {
      const key = this.#text(this.#uint16());
      if (key === '' && this.#bytes[this.#at] === Marker.objectEnd) break;
      into[key] = this.value(from.depth);
    }
    this.#at += 1;
  }

  #reference(depth: number): AmfValue {
    const target = this.#complex[this.#uint16()];
    if (target?.complete !== true) throw new RtmpError('AMF: bad reference');
    if (depth + target.height > this.#limits.depth) throw new RtmpError('AMF: nested too deep');
    this.#count(target.values);
    this.#deepest = Math.max(this.#deepest, depth + target.height);
    return target.value;
  }

  /** Milliseconds since 1970, then a time zone that is reserved and ignored. */
  #date(): Date {
    const date = new Date(this.#number());
    this.#take(2);
    return date;
  }

  #number(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  #uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  #uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  #text(length: number): string {
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** Moves on by `size` bytes and gives where they begin. */
  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length) throw new RtmpError('AMF: truncated');
    this.#at = at + size;
    return at;
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > this.#limits.values) throw new RtmpError('AMF: too many values');
  }
}

/** Encodes values one after the other. Strings longer than 65,535 bytes become long strings. */
export function encodeAmf0(...values: readonly AmfValue[]): Buffer {
  const parts: Buffer[] = [];
  for (const value of values) encodeValue(value, parts);
  return Buffer.concat(parts);
}

function encodeValue(value: AmfValue, into: Buffer[]): void {
  if (value === null) into.push(Buffer.of(Marker.null));
  else if (value === undefined) into.push(Buffer.of(Marker.undefined));
  else if (typeof value === 'boolean') into.push(Buffer.of(Marker.boolean, value ? 1 : 0));
  else if (typeof value === 'number') into.push(Buffer.of(Marker.number), float64(value));
  else if (typeof value === 'string') encodeString(value, into);
  else if (value instanceof Date)
    into.push(Buffer.of(Marker.date), float64(value.getTime()), Buffer.alloc(2));
  else if (Array.isArray(value)) {
    into.push(Buffer.of(Marker.strictArray), uint32(value.length));
    for (const element of value) encodeValue(element, into);
  } else {
    into.push(Buffer.of(Marker.object));
    for (const [key, member] of Object.entries(value)) {
      const name = Buffer.from(key);
      into.push(uint16(name.length), name);
      encodeValue(member, into);
    }
    into.push(Buffer.of(0, 0, Marker.objectEnd));
  }
}

function encodeString(value: string, into: Buffer[]): void {
  const text = Buffer.from(value);
  if (text.length > 0xffff) into.push(Buffer.of(Marker.longString), uint32(text.length), text);
  else into.push(Buffer.of(Marker.string), uint16(text.length), text);
}

function float64(value: number): Buffer {
  const out = Buffer.allocUnsafe(8);
  out.writeDoubleBE(value);
  return out;
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

function uint32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32BE(value);
  return out;
}
