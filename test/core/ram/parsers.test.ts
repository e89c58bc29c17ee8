import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicyDocument, parseTrustDocument } from '../../../src/core/ram/policy-document.ts';
import { deny, documentText } from './case-kinds.ts';
import type { Written } from './case-kinds.ts';

describe('both parsers', () => {
  const words = fc.constantFrom(
    ...[
      'Version',
      '1',
      'Statement',
      'Effect',
      'Allow',
      'Deny',
      'Action',
      'NotAction',
      'Resource',
      'NotResource',
    ],
    ...[
      'Principal',
      'RAM',
      'Service',
      'Condition',
      'StringLike',
      'DateLessThan',
      'IpAddress',
      'NumericEquals',
    ],
    ...[
      '*',
      'live:*',
      'sts:AssumeRole',
      'acs:SourceIp',
      '10.0.0.0/8',
      '__proto__',
      'constructor',
      'toString',
      '',
    ],
  );
  const scalar = fc.oneof(words, fc.string(), fc.double(), fc.boolean(), fc.constant(null));
  /** JSON that is made of the language's words, so that it gets deep into the parsers. */
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'large' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(words, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const element = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: value });
  const conditions = fc.dictionary(
    fc.constantFrom('StringLike', 'NumericEquals', 'Bool'),
    fc.dictionary(fc.constant('acs:SourceIp'), scalar, { minKeys: 1 }),
    { maxKeys: 1 },
  );
  const common = {
    Effect: element(fc.constantFrom('Allow', 'Deny')),
    Action: element(fc.constantFrom('sts:AssumeRole', ['sts:*', 'sts:a'])),
    Condition: element(conditions),
  };
  const statement = fc.oneof(
    fc.record({ ...common, Resource: element(fc.constantFrom('*', ['acs:live:*'])) }),
    fc.record({ ...common, Principal: element(fc.constant({ RAM: 'acs:ram::1:root' })) }),
  );
  const nearly = fc
    .array(statement, { minLength: 1, maxLength: 2 })
    .map((list) => documentText(list as Written[]));
  const texts = fc.oneof(
    nearly,
    value.map((json) => JSON.stringify(json)),
    value.map((json) => JSON.stringify({ Version: '1', Statement: [json] })),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(...Array.from('{}[]:,"\\ue0-*')), { maxLength: 60 })
      .map((pieces) => pieces.join('')),
  );

  it('are total: they answer with a document or with one line that says what is wrong', () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(texts, (text) => {
        for (const parse of [parsePolicyDocument, parseTrustDocument]) {
          const result = parse(text);
          if (result.ok) expect(result.document.statements.length).toBeGreaterThan(0);
          else expect(result.problem).toMatch(/^(The document|Version|Statement)[ [].{4,700}$/u);
          seen[result.ok ? 'read' : 'refused']++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(seen.read).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(500);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('Version');
  });

  const text = documentText([
    deny({ Action: ['live:*'], Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } } }),
  ]);

  it('stay total when any one character is lost or another', () => {
    for (let at = 0; at < text.length; at++)
      for (const other of ['', '"', '}', '\u0000', '9']) {
        const result = parsePolicyDocument(text.slice(0, at) + other + text.slice(at + 1));
        if (!result.ok) expect(result.problem).not.toBe('');
      }
  });

  it('do not mind how the JSON is laid out', () => {
    expect(parsePolicyDocument(text)).toMatchObject({ ok: true });
    expect(parsePolicyDocument(JSON.stringify(JSON.parse(text), null, 4))).toEqual(parsePolicyDocument(text));
  });
});
