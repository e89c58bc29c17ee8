import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ClientHandshake, ServerHandshake } from '../../src/wire/rtmp/handshake.ts';
import { RtmpError } from '../../src/wire/rtmp/messages.ts';
import { digestOf, digestPosition, s2Signature } from './reference.ts';

const C2 = Buffer.alloc(1536, 7);

function digestC1(base: 12 | 776): { c0c1: Buffer; digest: Buffer } {
  const c1 = randomBytes(1536);
  c1.writeUInt32BE(0x80000702, 4);
  const at = digestPosition(c1, base);
  const digest = digestOf(c1, at, 'player');
  digest.copy(c1, at);
  return { c0c1: Buffer.concat([Buffer.of(3), c1]), digest };
}

function simpleC1(): Buffer {
  const c0c1 = randomBytes(1537);
  c0c1[0] = 3;
  c0c1.fill(0, 5, 9);
  return c0c1;
}

describe('simple handshake', () => {
  test('S2 is C1, S1 has a zero version, and what follows C2 is handed over', () => {
    const server = new ServerHandshake({ randomBytes });
    const c0c1 = simpleC1();
    const first = server.push(c0c1);
    expect(first.done).toBe(false);
    expect(first.send).toHaveLength(3073);
    expect(first.send?.[0]).toBe(3);
    expect(first.send?.readUInt32BE(5)).toBe(0);
    expect(first.send?.subarray(1537)).toEqual(c0c1.subarray(1));
    const last = server.push(Buffer.concat([C2, Buffer.from('rest')]));
    expect(last).toEqual({ done: true, rest: Buffer.from('rest') });
  });

  test('a C1 with a version but no valid digest gets the simple answer', () => {
    const c0c1 = simpleC1();
    c0c1.writeUInt32BE(0x09007c02, 5);
    expect(new ServerHandshake({ randomBytes }).push(c0c1).send?.subarray(1537)).toEqual(c0c1.subarray(1));
  });

  test('S1 carries the injected random bytes', () => {
    const fixed = (size: number) => Buffer.alloc(size, 0xab);
    const { send } = new ServerHandshake({ randomBytes: fixed }).push(simpleC1());
    expect(send?.subarray(9, 1537)).toEqual(Buffer.alloc(1528, 0xab));
  });

  test('our client and our server agree, one byte at a time', () => {
    const client = new ClientHandshake({ randomBytes });
    const server = new ServerHandshake({ randomBytes });
    const toClient: Buffer[] = [];
    for (const byte of client.start()) {
      const { send, done } = server.push(Buffer.of(byte));
      expect(done).toBe(false);
      if (send) toClient.push(send);
    }
    const s0s1s2 = Buffer.concat([...toClient, Buffer.of(2, 0)]);
    for (let i = 0; i < 3072; i += 1) expect(client.push(s0s1s2.subarray(i, i + 1)).done).toBe(false);
    const { send, done, rest } = client.push(s0s1s2.subarray(3072));
    expect({ done, rest }).toEqual({ done: true, rest: Buffer.of(2, 0) });
    expect(send).toEqual(s0s1s2.subarray(1, 1537));
    expect(server.push(send!)).toEqual({ done: true, rest: Buffer.alloc(0) });
  });
});

describe.each([12, 776] as const)('digest handshake, block before %i', (base) => {
  test('S1 has a right digest in the same scheme and S2 answers the digest of C1', () => {
    for (let round = 0; round < 20; round += 1) {
      const { c0c1, digest } = digestC1(base);
      const { send } = new ServerHandshake({ randomBytes }).push(c0c1);
      const s1 = send!.subarray(1, 1537);
      const s2 = send!.subarray(1537);
      expect(s1.readUInt32BE(4)).not.toBe(0);
      const at = digestPosition(s1, base);
      expect(s1.subarray(at, at + 32)).toEqual(digestOf(s1, at, 'server'));
      expect(s2.subarray(1504)).toEqual(s2Signature(s2, digest));
    }
  });

  test('one changed byte of C1 makes it a simple handshake', () => {
    const { c0c1 } = digestC1(base);
    c0c1[1500] = c0c1[1500]! ^ 1;
    expect(new ServerHandshake({ randomBytes }).push(c0c1).send?.subarray(1537)).toEqual(c0c1.subarray(1));
  });
});

describe('refused', () => {
  test.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['TLS', Buffer.of(0x16, 3, 1)],
    ['RTMPE', Buffer.of(6)],
  ])('%s at the first byte', (_name, bytes) => {
    expect(() => new ServerHandshake({ randomBytes }).push(bytes)).toThrow(RtmpError);
    expect(() => new ClientHandshake({ randomBytes }).push(bytes)).toThrow(RtmpError);
  });
});
