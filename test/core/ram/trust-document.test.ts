import { describe, expect, it } from 'vitest';
import { parseTrustDocument } from '../../../src/core/ram/policy-document.ts';
import { documentText } from './case-kinds.ts';
import type { Written } from './case-kinds.ts';
import { WHOLE } from './refused-documents.ts';

/** A trust statement as most roles have it, with other elements. */
function trust(rest: Written = {}): Written {
  return { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1:root'] }, ...rest };
}

function principal(value: unknown): string {
  return documentText([trust(), trust({ Principal: value })]);
}

const RAM_PROBLEM = 'must be acs:ram::<account>:root or the ARN of a user or role';

const TRUST: readonly [text: string, problem: string][] = [
  ...WHOLE,
  [documentText([trust({ Resource: '*' })]), 'Statement[0] has the unknown element "Resource"'],
  [documentText([trust({ NotPrincipal: {} })]), 'Statement[0] has the unknown element "NotPrincipal"'],
  [documentText([trust({ Effect: 'Permit' })]), 'Statement[0].Effect must be Allow or Deny'],
  [
    documentText([trust({ NotAction: 'sts:*' })]),
    'Statement[0] must have exactly one of Action and NotAction',
  ],
  [
    documentText([trust({ Action: 'live:*' })]),
    'Statement[0].Action must be sts:AssumeRole or another action of sts',
  ],
  [
    documentText([trust({ Condition: { Null: { 'a:b': 'true' } } })]),
    'Statement[0].Condition has the unknown operator "Null"',
  ],
  [principal(undefined), 'Statement[1].Principal must be an object'],
  [principal('*'), 'Statement[1].Principal must be an object'],
  [principal(['acs:ram::1:root']), 'Statement[1].Principal must be an object'],
  [principal({}), 'Statement[1].Principal must have RAM, Service or Federated'],
  [principal({ AWS: 'acs:ram::1:root' }), 'Statement[1].Principal has the unknown element "AWS"'],
  [principal({ RAM: [] }), 'Statement[1].Principal.RAM must not be an empty list'],
  [principal({ RAM: [1] }), 'Statement[1].Principal.RAM[0] must be a text that is not empty'],
  ...[
    '*',
    '1',
    'acs:ram::1:user/*',
    'acs:ram::*:root',
    'acs:ram::1:group/g',
    'acs:ram:1:root',
    'acs:ram::1:user/',
  ].map((arn): [string, string] => [
    principal({ RAM: ['acs:ram::1:root', arn] }),
    `Statement[1].Principal.RAM[1] ${RAM_PROBLEM}`,
  ]),
  [
    principal({ Service: ['*'] }),
    'Statement[1].Principal.Service[0] must be a service such as live.aliyuncs.com',
  ],
  [
    principal({ RAM: 'acs:ram::1:root', Federated: 'acs:ram::1:user/a' }),
    'Statement[1].Principal.Federated[0] must be the ARN of an identity provider',
  ],
];

describe('a trust policy', () => {
  it.each(TRUST)('is refused: %s: %s', (text, problem) => {
    expect(parseTrustDocument(text)).toEqual({ ok: false, problem });
  });

  it('is read whole', () => {
    const text = documentText([
      trust({
        Effect: 'Deny',
        Principal: {
          RAM: ['acs:ram::1234567890123456:root', 'acs:ram::1:user/a.b-c@d', 'acs:ram::1:role/r'],
          Service: 'live.aliyuncs.com',
          Federated: ['acs:ram::1:saml-provider/s', 'acs:ram::1:oidc-provider/o'],
        },
        Condition: { Bool: { 'acs:MFAPresent': true } },
      }),
    ]);
    expect(parseTrustDocument(text)).toEqual({
      ok: true,
      document: {
        statements: [
          {
            effect: 'Deny',
            actions: ['sts:AssumeRole'],
            notActions: false,
            principals: {
              ram: ['acs:ram::1234567890123456:root', 'acs:ram::1:user/a.b-c@d', 'acs:ram::1:role/r'],
              service: ['live.aliyuncs.com'],
              federated: ['acs:ram::1:saml-provider/s', 'acs:ram::1:oidc-provider/o'],
            },
            conditions: [{ operator: 'Bool', key: 'acs:MFAPresent', values: ['true'] }],
          },
        ],
      },
    });
  });
});
