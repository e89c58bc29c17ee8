import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decisionVectors } from '../../scripts/make-vectors.ts';
import { expectedToSign } from '../../src/wire/rpc/signature.ts';
import { judge, parseVectors, requestOf } from '../support/signature-vectors.ts';

const read = (name: string) => readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8');

describe.each(['signatures.json', 'decisions.json'])('%s', (name) => {
  const vectors = parseVectors(read(name));

  test.each(vectors)('$name: $expect', (vector) => {
    const { got, why, code } = judge(vector);
    expect(got, why).toBe(vector.expect);
    const request = requestOf(vector);
    if (vector.action) expect(request).toMatchObject({ action: vector.action, version: vector.version });
    // ACS4 is refused unread, so its strings and its reason are not ours.
    if (vector.scheme === 'ACS4-HMAC-SHA256') return;
    if (vector.rejectReason) expect(code).toBe(vector.rejectReason);
    if (!vector.stringToSign) return;
    const { stringToSign, canonicalRequest } = expectedToSign(request);
    expect(stringToSign).toBe(vector.stringToSign);
    expect(canonicalRequest).toBe(vector.canonicalRequest ?? undefined);
  });
});

test('the project has all vectors that it was given', () => {
  expect(parseVectors(read('signatures.json'))).toHaveLength(285);
});

test('decisions.json is what its script writes', () => {
  expect(read('decisions.json')).toBe(decisionVectors());
});

test('ACS4 is refused with a sentence that names V1 and V3', () => {
  const [vector] = parseVectors(read('signatures.json')).filter(
    ({ scheme }) => scheme === 'ACS4-HMAC-SHA256',
  );
  const { code, why } = judge(vector!);
  expect(code).toBe('IncompleteSignature');
  expect(why).toMatch(/V1.*V3/);
});
