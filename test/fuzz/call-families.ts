import { ByteBudget } from '../../src/base/byte-budget.ts';
import { evaluatePolicies } from '../../src/core/ram/evaluate.ts';
import { parsePolicyDocument, parseTrustDocument } from '../../src/core/ram/policy-document.ts';
import { HeldBody } from '../../src/gateway/body.ts';
import { parseRpcRequest } from '../../src/wire/rpc/request.ts';
import type { RawRequest } from '../../src/wire/rpc/request.ts';
import { verifySignature } from '../../src/wire/rpc/signature.ts';
import type { Family } from './family.ts';
import { cut } from './readings.ts';

/** A call over HTTP, verified as far as it gets without the secret. */
function verify(raw: Partial<RawRequest>): void {
  const request = parseRpcRequest({
    method: 'POST',
    target: '/',
    headers: [],
    body: Buffer.alloc(0),
    ...raw,
  });
  verifySignature(request, 'a secret');
}

const FORM = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
const form = (name: string, piece: string, perByte: Family['perByte']): Family => ({
  name: `a form of ${name}`,
  input: (size) => Buffer.from(`Signature=a&${piece.repeat(size)}`),
  read: (body) => verify({ headers: FORM, body }),
  perByte,
});
const header = (name: string, piece: string): Family => ({
  name: `an Authorization of ${name}`,
  input: (size) =>
    Buffer.from(`ACS3-HMAC-SHA256 Credential=k,Signature=s,SignedHeaders=${piece.repeat(size)}`),
  read: (bytes) =>
    verify({
      headers: [
        ['authorization', bytes.toString()],
        ['x-acs-action', 'A'],
      ],
    }),
  perByte: { blocks: 20, bytes: 40 },
});

const RPC: readonly Family[] = [
  {
    name: 'a form of names that have to be sorted',
    input: (size) =>
      Buffer.from(Array.from({ length: size / 4 }, (_, i) => `n${(i * 7919) % size}=&`).join('')),
    read: (body) => verify({ headers: FORM, body: Buffer.concat([Buffer.from('Signature=a&'), body]) }),
    perByte: { blocks: 20, bytes: 40 },
  },
  form('names', 'a&', { blocks: 20, bytes: 40 }),
  form('escapes', '%ff', { blocks: 5, bytes: 50 }),
  form('percent signs', '%', { blocks: 5, bytes: 50 }),
  form('plus signs', '+', { blocks: 5, bytes: 50 }),
  form('separators', '&', { blocks: 5, bytes: 50 }),
  header('header names', 'a;'),
  header('fields', ',a='),
  header('white space', ' '),
  {
    name: 'headers of one name',
    input: (size) => Buffer.from('a\n'.repeat(size / 4)),
    read: (bytes) =>
      verify({
        headers: bytes
          .toString()
          .split('\n')
          .map((value) => ['x', value] as const),
      }),
    perByte: { blocks: 20, bytes: 40 },
  },
  {
    name: 'a body in single bytes',
    input: (size) => Buffer.alloc(size * 10),
    read(bytes) {
      const body = new HeldBody(new ByteBudget(bytes.length * 4));
      for (const piece of cut(bytes, 1)) body.add(piece);
    },
    perByte: { blocks: 10, bytes: 8 },
  },
];

const policy = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '1', Statement: statements });
const STAR = { Effect: 'Allow', Action: '*', Resource: '*' };
const parsePolicies = (bytes: Buffer): void => {
  parsePolicyDocument(bytes.toString());
  parseTrustDocument(bytes.toString());
};

const RAM: readonly Family[] = [
  {
    name: 'a document of brackets',
    input: (size) => Buffer.from('['.repeat(size)),
    read: parsePolicies,
    perByte: { blocks: 5, bytes: 20 },
  },
  {
    name: 'a document of statements',
    input: (size) => Buffer.from(policy(Array.from({ length: size / 60 }, () => STAR))),
    read: parsePolicies,
    perByte: { blocks: 20, bytes: 40 },
  },
  {
    // 512 characters of pattern at most, for each of the text.
    name: 'a condition of stars on a long text',
    input: (size) => Buffer.from('a'.repeat(size)),
    read(bytes) {
      const text = policy([{ ...STAR, Condition: { StringLike: { 'live:x': `*${'a'.repeat(500)}b` } } }]);
      const read = parsePolicyDocument(text);
      if (!read.ok) throw new Error(read.problem);
      evaluatePolicies([{ name: 'p', type: 'Custom', source: 'user/a', document: read.document }], {
        action: 'live:x',
        resources: ['acs:live:*:1:x'],
        context: new Map([['live:x', bytes.toString()]]),
      });
    },
    perByte: { blocks: 3 * 512, bytes: 50 },
  },
];

export const CALL_FAMILIES: readonly Family[] = [...RPC, ...RAM];
