import { describe, expect, it, vi } from 'vitest';
import { MAX_POLICY_BYTES, parsePolicyDocument } from '../../../src/core/ram/policy-document.ts';
import { allow, deny, documentText } from './case-kinds.ts';
import type { Written } from './case-kinds.ts';
import { WHOLE } from './refused-documents.ts';

/** A document whose second statement is this one, so that a message that names the wrong statement is seen. */
function second(statement: unknown): string {
  return documentText([allow(), statement as Written]);
}

function conditioned(condition: unknown): string {
  return second(allow({ Condition: condition }));
}

/** The policy without these elements. */
function without(...names: string[]): string {
  return second(Object.fromEntries(Object.entries(allow()).filter(([name]) => !names.includes(name))));
}

const STATEMENTS: readonly [text: string, problem: string][] = [
  [second('Allow'), 'Statement[1] must be an object'],
  [second([allow()]), 'Statement[1] must be an object'],
  [second(null), 'Statement[1] must be an object'],
  [without('Effect'), 'Statement[1].Effect must be Allow or Deny'],
  [second(allow({ Effect: 'allow' })), 'Statement[1].Effect must be Allow or Deny'],
  [second(allow({ Effect: ['Allow'] })), 'Statement[1].Effect must be Allow or Deny'],
  [without('Action'), 'Statement[1] must have exactly one of Action and NotAction'],
  [second({ ...allow(), NotAction: '*' }), 'Statement[1] must have exactly one of Action and NotAction'],
  [second(allow({ Action: [] })), 'Statement[1].Action must not be an empty list'],
  [second(allow({ NotAction: [] })), 'Statement[1].NotAction must not be an empty list'],
  [second(allow({ Action: '' })), 'Statement[1].Action must be a text that is not empty'],
  [second(allow({ Action: 7 })), 'Statement[1].Action must be a text that is not empty'],
  [second(allow({ Action: ['*', null] })), 'Statement[1].Action[1] must be a text that is not empty'],
  [second(allow({ Action: [['*']] })), 'Statement[1].Action[0] must be a text that is not empty'],
  [
    second(allow({ Action: 'ForbidLiveStream' })),
    'Statement[1].Action must be * or <service>:<action>, not "ForbidLiveStream"',
  ],
  [
    second(allow({ NotAction: ['live:*', 'live:'] })),
    'Statement[1].NotAction must be * or <service>:<action>, not "live:"',
  ],
  [
    second(allow({ Action: 'live: *' })),
    'Statement[1].Action must be * or <service>:<action>, not "live: *"',
  ],
  [without('Resource'), 'Statement[1] must have exactly one of Resource and NotResource'],
  [
    second({ ...allow(), NotResource: '*' }),
    'Statement[1] must have exactly one of Resource and NotResource',
  ],
  [second(allow({ Resource: [] })), 'Statement[1].Resource must not be an empty list'],
  [second(allow({ NotResource: [''] })), 'Statement[1].NotResource[0] must be a text that is not empty'],
  [second(allow({ Resource: ['*', 'domain/a'] })), 'Statement[1].Resource[1] must be * or begin with acs:'],
  [
    second(allow({ NotResource: 'arn:aws:s3:::a' })),
    'Statement[1].NotResource[0] must be * or begin with acs:',
  ],
  [
    second(allow({ Principal: { RAM: ['acs:ram::1:root'] } })),
    'Statement[1] has the unknown element "Principal"',
  ],
  [second(allow({ Sid: 'a' })), 'Statement[1] has the unknown element "Sid"'],
  [second(allow({ action: '*' })), 'Statement[1] has the unknown element "action"'],
  [second(allow({ ['x'.repeat(100)]: 1 })), `Statement[1] has the unknown element "${'x'.repeat(64)}..."`],
  [second(allow({ 'a\nb': 1 })), 'Statement[1] has the unknown element "a\\nb"'],
  [
    '{"Version":"1","Statement":[{"__proto__":{"Effect":"Allow"},"Action":"*","Resource":"*"}]}',
    'Statement[0] has the unknown element "__proto__"',
  ],
];

/** One character more than a pattern may have. */
const LONG = `acs:${'*a'.repeat(255)}`.slice(0, 509) + 'abcd';

const LONG_PATTERNS: readonly [text: string, problem: string][] = [
  [second(allow({ Action: ['*', LONG] })), 'Statement[1].Action[1] must not be longer than 512 characters'],
  [second(deny({ NotAction: LONG })), 'Statement[1].NotAction[0] must not be longer than 512 characters'],
  [second(allow({ Resource: LONG })), 'Statement[1].Resource[0] must not be longer than 512 characters'],
  [
    second(deny({ NotResource: ['*', LONG] })),
    'Statement[1].NotResource[1] must not be longer than 512 characters',
  ],
  ...['StringLike', 'StringNotLike'].map((operator): [string, string] => [
    second(allow({ Condition: { [operator]: { 'acs:UserAgent': ['x', LONG] } } })),
    `Statement[1].Condition.${operator}["acs:UserAgent"] must be a text of at most 512 characters, not "${LONG.slice(0, 64)}..."`,
  ]),
];

const IP_PROBLEM = 'must be an IP address or a CIDR range such as 10.0.0.0/8';
const DATE_PROBLEM = 'must be a date such as 2019-08-12T17:00:00+08:00';

function valueRefused(operator: string, key: string, problem: string): (value: string) => [string, string] {
  return (value) => [
    conditioned({ [operator]: { [key]: [value] } }),
    `Statement[1].Condition.${operator}["${key}"] ${problem}, not "${value}"`,
  ];
}

const CONDITIONS: readonly [text: string, problem: string][] = [
  [conditioned('Bool'), 'Statement[1].Condition must be an object'],
  [conditioned([]), 'Statement[1].Condition must be an object'],
  [conditioned(null), 'Statement[1].Condition must be an object'],
  ...[
    'Null',
    'StringEqualsIfExists',
    'stringEquals',
    'ForAnyValue:StringLike',
    'toString',
    'constructor',
  ].map((operator): [string, string] => [
    conditioned({ [operator]: { 'acs:SourceIp': '*' } }),
    `Statement[1].Condition has the unknown operator "${operator}"`,
  ]),
  [
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"__proto__":{"a:b":"c"}}}]}',
    'Statement[0].Condition has the unknown operator "__proto__"',
  ],
  [conditioned({ Bool: 'true' }), 'Statement[1].Condition.Bool must be an object'],
  [conditioned({ Bool: {} }), 'Statement[1].Condition.Bool must have a key'],
  [
    conditioned({ Bool: { '': 'true' } }),
    'Statement[1].Condition.Bool has the key "", which is not <service>:<name>',
  ],
  [
    conditioned({ Bool: { SourceIp: 'true' } }),
    'Statement[1].Condition.Bool has the key "SourceIp", which is not <service>:<name>',
  ],
  [
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"__proto__":"*"}}}]}',
    'Statement[0].Condition.StringLike has the key "__proto__", which is not <service>:<name>',
  ],
  [
    conditioned({ StringLike: { 'a:b': [] } }),
    'Statement[1].Condition.StringLike["a:b"] must not be an empty list',
  ],
  [
    conditioned({ StringLike: { 'a:b': null } }),
    'Statement[1].Condition.StringLike["a:b"] must be a text, a number or a boolean',
  ],
  [
    conditioned({ StringLike: { 'a:b': { c: 1 } } }),
    'Statement[1].Condition.StringLike["a:b"] must be a text, a number or a boolean',
  ],
  [
    conditioned({ StringLike: { 'a:b': ['x', ['y']] } }),
    'Statement[1].Condition.StringLike["a:b"] must be a text, a number or a boolean',
  ],
  [
    documentText([allow({ Condition: { StringLike: { 'a:b': 'BIG' } } })]).replace(
      '"BIG"',
      '12345678901234567890',
    ),
    'Statement[0].Condition.StringLike["a:b"] must be a text, because the number is too large',
  ],
  [
    documentText([allow({ Condition: { NumericLessThan: { 'a:b': 'BIG' } } })]).replace('"BIG"', '1e999'),
    'Statement[0].Condition.NumericLessThan["a:b"] must be a text, because the number is too large',
  ],
  ...['', 'ten', '1,5', '0x10', 'Infinity', '1e999', ' 1', '1 2', 'true', '٣'].map(
    valueRefused('NumericEquals', 'acs:ResourceTag/quota', 'must be a number'),
  ),
  ...['', 'yes', '1', 'true '].map(valueRefused('Bool', 'acs:MFAPresent', 'must be true or false')),
  ...[
    '',
    'now',
    '1565600400',
    '2019-08-12T17:00:00',
    '2019-08-12 17:00:00Z',
    '2019-8-12',
    '2019-02-30',
    '2019-13-01',
    '2019-02-29T00:00:00Z',
    '2019-08-12T24:00:00Z',
    '2019-08-12T17:60:00Z',
    '2019-08-12T17:00.5Z',
    '2019-08-12T17:00:00+8',
    '2019-08-12T17:00:00+15:00',
    '2019-08-12T17:00:00+08:60',
    '2019-08-12T17Z',
    '2019-08-12Z',
  ].map(valueRefused('DateLessThan', 'acs:CurrentTime', DATE_PROBLEM)),
  ...[
    '',
    'localhost',
    '10',
    '10.1',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.*',
    '010.0.0.1',
    '10.0.0.01',
    '0x0a.0.0.1',
    '2001:db8::/129',
    '2001:db8',
    ':::',
    '::ffff:10.0.0.256',
    '::ffff:010.0.0.1',
    '[::1]',
    'fe80::1%eth0',
  ].map(valueRefused('NotIpAddress', 'acs:SourceIp', IP_PROBLEM)),
];

describe('a permission policy', () => {
  it.each([...WHOLE, ...STATEMENTS, ...LONG_PATTERNS, ...CONDITIONS])(
    'is refused: %s: %s',
    (text, problem) => {
      expect(parsePolicyDocument(text)).toEqual({ ok: false, problem });
    },
  );

  it('is read whole', () => {
    const text = documentText([
      allow({ Action: 'live:Describe*' }),
      deny({
        NotAction: ['live:*', 'sts:*'],
        NotResource: ['acs:live:*:*:*', '*'],
        Condition: {
          StringLike: { 'acs:UserAgent': ['curl*', ''], 'acs:ResourceTag/a b': 'x' },
          NumericLessThan: { 'acs:ResourceTag/n': [1, '2.5', -3e-2] },
          Bool: { 'acs:SecureTransport': [true, 'False'] },
        },
      }),
    ]);
    expect(parsePolicyDocument(text)).toEqual({
      ok: true,
      document: {
        statements: [
          {
            effect: 'Allow',
            actions: ['live:Describe*'],
            notActions: false,
            resources: ['*'],
            notResources: false,
            conditions: [],
          },
          {
            effect: 'Deny',
            actions: ['live:*', 'sts:*'],
            notActions: true,
            resources: ['acs:live:*:*:*', '*'],
            notResources: true,
            conditions: [
              { operator: 'StringLike', key: 'acs:UserAgent', values: ['curl*', ''] },
              { operator: 'StringLike', key: 'acs:ResourceTag/a b', values: ['x'] },
              { operator: 'NumericLessThan', key: 'acs:ResourceTag/n', values: ['1', '2.5', '-0.03'] },
              { operator: 'Bool', key: 'acs:SecureTransport', values: ['true', 'False'] },
            ],
          },
        ],
      },
    });
  });

  it('takes a single text where a list may stand', () => {
    const [single, list] = [
      { Action: 'live:*', Resource: 'acs:live:*', Condition: { Bool: { 'acs:MFAPresent': true } } },
      { Action: ['live:*'], Resource: ['acs:live:*'], Condition: { Bool: { 'acs:MFAPresent': ['true'] } } },
    ].map((rest) => parsePolicyDocument(documentText([allow(rest)])));
    expect(single).toMatchObject({ ok: true });
    expect(single).toEqual(list);
  });

  it(`is at most ${MAX_POLICY_BYTES} bytes long, counted in UTF-8`, () => {
    const base = documentText([allow({ Condition: { StringEquals: { 'a:b': 'PAD' } } })]);
    const padded = (text: string) => base.replace('PAD', `PAD${text}`);
    const room = MAX_POLICY_BYTES - base.length;
    const problem = 'The document must not be longer than 6144 bytes';
    expect(parsePolicyDocument(padded('a'.repeat(room)))).toMatchObject({ ok: true });
    expect(parsePolicyDocument(padded('a'.repeat(room + 1)))).toEqual({ ok: false, problem });
    expect(parsePolicyDocument(padded('é'.repeat(room / 2 + 1)))).toEqual({ ok: false, problem });
    expect(parsePolicyDocument('['.repeat(10_000_000))).toEqual({ ok: false, problem });
  });

  it('has patterns of 512 characters at most', () => {
    const longest = LONG.slice(0, 512);
    const statement = { Action: longest, Resource: longest, Condition: { StringLike: { 'a:b': longest } } };
    expect(parsePolicyDocument(second(allow(statement)))).toMatchObject({ ok: true });
  });

  it('tries no expression on a text that is too long for an address, which would cost its square', () => {
    const tried = vi.spyOn(RegExp.prototype, 'test');
    const texts = [':'.repeat(5800), `${'1'.repeat(49)}:`];
    for (const text of texts) {
      expect(
        parsePolicyDocument(second(allow({ Condition: { IpAddress: { 'acs:SourceIp': text } } }))),
      ).toEqual({
        ok: false,
        problem: expect.stringContaining('must be an IP address') as unknown,
      });
    }
    const asked = tried.mock.calls.map(([text]) => text);
    tried.mockRestore();
    expect(asked.filter((text) => texts.includes(text))).toEqual([]);
    const longest = 'abcd:abcd:abcd:abcd:abcd:abcd:255.255.255.255/128';
    const condition = { IpAddress: { 'acs:SourceIp': longest } };
    expect(longest).toHaveLength(49);
    expect(parsePolicyDocument(second(allow({ Condition: condition })))).toMatchObject({ ok: true });
  });

  it('is harmless however deep it is nested', () => {
    const deep = '['.repeat(3000) + ']'.repeat(3000);
    expect(parsePolicyDocument(deep)).toMatchObject({ ok: false });
    const within = (name: string) => documentText([allow({ [name]: 'DEEP' })]).replace('"DEEP"', deep);
    for (const name of ['Effect', 'Action', 'Resource', 'Condition', 'Other'])
      expect(parsePolicyDocument(within(name)), name).toMatchObject({ ok: false });
    const nested = (depth: number) => '{"Bool":'.repeat(depth) + '1' + '}'.repeat(depth);
    expect(parsePolicyDocument(nested(600))).toMatchObject({ ok: false });
  });
});
