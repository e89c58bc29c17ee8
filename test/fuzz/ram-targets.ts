import fc from 'fast-check';
import { expect } from 'vitest';
import { evaluatePolicies, explainPolicies, trustAllows } from '../../src/core/ram/evaluate.ts';
import type { PolicyQuestion } from '../../src/core/ram/evaluate.ts';
import { parsePolicyDocument, parseTrustDocument } from '../../src/core/ram/policy-document.ts';
import type { PolicyDocument, TrustDocument } from '../../src/core/ram/policy-types.ts';
import type { FuzzTarget } from './fuzz.ts';

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
  ...['Principal', 'RAM', 'Service', 'Condition', 'StringLike', 'DateLessThan', 'IpAddress', 'NumericEquals'],
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
const glob = fc
  .array(fc.constantFrom('*', '?', 'live', ':', 'acs:', 'domain/', 'a', '\ud83d\ude00', '\ud83d'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));
const conditions = fc.dictionary(
  fc.constantFrom('StringLike', 'NumericEquals', 'Bool', 'IpAddress', 'NotIpAddress', 'DateLessThan'),
  fc.dictionary(fc.constantFrom('acs:SourceIp', 'acs:CurrentTime', 'live:x'), fc.oneof(scalar, glob), {
    minKeys: 1,
  }),
  { maxKeys: 2 },
);
const common = {
  Effect: element(fc.constantFrom('Allow', 'Deny')),
  Action: element(fc.oneof(fc.constantFrom('sts:AssumeRole', ['sts:*', 'live:a']), glob)),
  Condition: element(conditions),
};
const statement = fc.oneof(
  fc.record({ ...common, Resource: element(fc.oneof(fc.constantFrom('*', ['acs:live:*']), glob)) }),
  fc.record({ ...common, Principal: element(fc.constant({ RAM: 'acs:ram::1:root' })) }),
);
const documents = fc.oneof(
  fc
    .array(statement, { minLength: 1, maxLength: 2 })
    .map((list) => JSON.stringify({ Version: '1', Statement: list })),
  value.map((json) => JSON.stringify(json)),
  value.map((json) => JSON.stringify({ Version: '1', Statement: [json] })),
  fc.json(),
  fc
    .array(fc.constantFrom(...Array.from('{}[]:,"\\ue0-*')), { maxLength: 60 })
    .map((pieces) => pieces.join('')),
);

const QUESTIONS: readonly PolicyQuestion[] = [
  { action: 'live:DescribeLiveStreamState', resources: ['acs:live:*:1:domain/a'], context: new Map() },
  {
    action: 'sts:AssumeRole',
    resources: ['acs:ram:*:1:role/r', 'acs:ram::1:role/r'],
    context: new Map([
      ['acs:SourceIp', '10.0.0.1'],
      ['acs:CurrentTime', '2026-01-01T00:00:00Z'],
      ['live:x', `${'a'.repeat(300)}\ud83d`],
    ]),
  },
];
const EFFECTS = ['allow', 'implicit-deny', 'explicit-deny'];

/** Decides by a document, and explains; the two have to agree. */
function decide(document: PolicyDocument): void {
  const policy = { name: 'p', type: 'Custom', source: 'user/a', document } as const;
  for (const question of QUESTIONS) {
    const effects = explainPolicies([policy], question).flatMap(({ matches, effect }) =>
      matches ? effect : [],
    );
    const allowed = effects.length > 0 ? 'allow' : 'implicit-deny';
    const expected = effects.includes('Deny') ? 'explicit-deny' : allowed;
    expect(evaluatePolicies([policy], question).effect).toBe(expected);
  }
}

function trust(document: TrustDocument): void {
  for (const { action, context } of QUESTIONS)
    expect(EFFECTS).toContain(trustAllows(document, { action, context, principalArns: ['acs:ram::1:root'] }));
}

const policies: FuzzTarget = {
  name: 'policies',
  made: documents.map((text) => Buffer.from(text)),
  runs: 300,
  check(input) {
    const text = input.toString();
    for (const parse of [parsePolicyDocument, parseTrustDocument]) {
      const read = parse(text);
      if (!read.ok) {
        expect(read.problem).toMatch(/^(The document|Version|Statement)[ [].{4,700}$/u);
        continue;
      }
      expect(read.document.statements.length).toBeGreaterThan(0);
      // Layout means nothing; a document may have outgrown the limit by it.
      const laidOut = JSON.stringify(JSON.parse(text));
      if (laidOut.length <= text.length) expect(parse(laidOut)).toEqual(read);
    }
    const [policy, role] = [parsePolicyDocument(text), parseTrustDocument(text)];
    if (policy.ok) decide(policy.document);
    if (role.ok) trust(role.document);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('Version');
  },
};

export const RAM_TARGETS = [policies];
