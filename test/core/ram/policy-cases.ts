import { ACTION_CASES } from './action-cases.ts';
import { allow, ask, deny, DOMAIN } from './case-kinds.ts';
import type { PolicyCase } from './case-kinds.ts';
import { CONDITION_CASES } from './condition-cases.ts';
import { RESOURCE_CASES } from './resource-cases.ts';

const FORBID = 'live:ForbidLiveStream';
const DESCRIBE = 'live:DescribeLiveStreamsOnlineList';
const CASTER = 'acs:live:*:1:caster/c-1';

/** Allow and Deny, statements and policies together. */
const precedence: readonly PolicyCase[] = [
  { why: 'no policy at all denies', policies: [], question: ask(FORBID), effect: 'implicit-deny' },
  {
    why: 'a matching Allow allows',
    policies: [[allow()]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'a matching Deny denies explicitly',
    policies: [[deny()]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/0',
  },
  {
    why: 'Deny wins over an earlier Allow',
    policies: [[allow(), deny()]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'Deny wins over a later Allow',
    policies: [[deny(), allow()]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/0',
  },
  {
    why: 'Deny of another policy wins',
    policies: [[allow()], [deny()]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '1/0',
  },
  {
    why: 'Deny of a policy before wins',
    policies: [[deny()], [allow()]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/0',
  },
  {
    why: 'many Allows do not outvote one Deny',
    policies: [[allow(), allow()], [allow()], [deny({ Action: FORBID })]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '2/0',
  },
  {
    why: 'a Deny of another action is no matter',
    policies: [[deny({ Action: 'live:DeleteLiveDomain' }), allow()]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'a Deny of another resource is no matter',
    policies: [[deny({ Resource: CASTER }), allow()]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'a Deny whose condition fails is no matter',
    policies: [[deny({ Condition: { Bool: { 'acs:SecureTransport': 'false' } } }), allow()]],
    question: ask(FORBID, DOMAIN, { 'acs:SecureTransport': 'true' }),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'a Deny whose condition holds wins',
    policies: [[deny({ Condition: { Bool: { 'acs:SecureTransport': 'false' } } }), allow()]],
    question: ask(FORBID, DOMAIN, { 'acs:SecureTransport': 'false' }),
    effect: 'explicit-deny',
    by: '0/0',
  },
  {
    why: 'an Allow of another action does not allow',
    policies: [[allow({ Action: DESCRIBE })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'permissions of several policies add up',
    policies: [[allow({ Action: DESCRIBE })], [allow({ Action: FORBID })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '1/0',
  },
  {
    why: 'the first Allow that matches is named',
    policies: [[allow({ Action: DESCRIBE }), allow({ Action: FORBID }), allow()]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'the first Deny that matches is named',
    policies: [
      [allow(), deny({ Action: DESCRIBE })],
      [deny(), deny({ Action: FORBID })],
    ],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '1/0',
  },
  {
    why: 'action of one statement and resource of another do not make a match',
    policies: [[allow({ Action: FORBID, Resource: CASTER }), allow({ Action: DESCRIBE, Resource: DOMAIN })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
];

const office = { IpAddress: { 'acs:SourceIp': ['203.0.113.0/24', '198.51.100.7'] } };

/** How conditions, keys and values combine. */
const combinations: readonly PolicyCase[] = [
  {
    why: 'operators are ANDed: both hold',
    policies: [[allow({ Condition: { ...office, Bool: { 'acs:SecureTransport': true } } })]],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '203.0.113.9', 'acs:SecureTransport': 'true' }),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'operators are ANDed: the second fails',
    policies: [[allow({ Condition: { ...office, Bool: { 'acs:SecureTransport': true } } })]],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '203.0.113.9', 'acs:SecureTransport': 'false' }),
    effect: 'implicit-deny',
  },
  {
    why: 'operators are ANDed: the first fails',
    policies: [[allow({ Condition: { ...office, Bool: { 'acs:SecureTransport': true } } })]],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '192.0.2.1', 'acs:SecureTransport': 'true' }),
    effect: 'implicit-deny',
  },
  {
    why: 'keys of one operator are ANDed: both hold',
    policies: [
      [
        allow({
          Condition: { StringEquals: { 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/env': 'test' } },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/env': 'test' }),
    effect: 'allow',
  },
  {
    why: 'keys of one operator are ANDed: one fails',
    policies: [
      [
        allow({
          Condition: { StringEquals: { 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/env': 'test' } },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/env': 'live' }),
    effect: 'implicit-deny',
  },
  {
    why: 'keys of one operator are ANDed: one is absent',
    policies: [
      [
        allow({
          Condition: { StringEquals: { 'acs:ResourceTag/team': 'dev', 'acs:ResourceTag/env': 'test' } },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:ResourceTag/team': 'dev' }),
    effect: 'implicit-deny',
  },
  {
    why: 'two operators on one key make a window: inside',
    policies: [
      [
        allow({
          Condition: {
            DateGreaterThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
            DateLessThan: { 'acs:CurrentTime': '2026-02-01T00:00:00Z' },
          },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:CurrentTime': '2026-01-15T12:00:00Z' }),
    effect: 'allow',
  },
  {
    why: 'two operators on one key make a window: outside',
    policies: [
      [
        allow({
          Condition: {
            DateGreaterThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
            DateLessThan: { 'acs:CurrentTime': '2026-02-01T00:00:00Z' },
          },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:CurrentTime': '2026-02-15T12:00:00Z' }),
    effect: 'implicit-deny',
  },
  {
    why: 'a range with a hole: in the range',
    policies: [
      [
        allow({
          Condition: {
            IpAddress: { 'acs:SourceIp': '10.0.0.0/8' },
            NotIpAddress: { 'acs:SourceIp': '10.9.0.0/16' },
          },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '10.8.0.1' }),
    effect: 'allow',
  },
  {
    why: 'a range with a hole: in the hole',
    policies: [
      [
        allow({
          Condition: {
            IpAddress: { 'acs:SourceIp': '10.0.0.0/8' },
            NotIpAddress: { 'acs:SourceIp': '10.9.0.0/16' },
          },
        }),
      ],
    ],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '10.9.0.1' }),
    effect: 'implicit-deny',
  },
  {
    why: 'an empty Condition is none',
    policies: [[allow({ Condition: {} })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'deny from outside the office denies there',
    policies: [[allow(), deny({ Condition: { NotIpAddress: { 'acs:SourceIp': '203.0.113.0/24' } } })]],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '192.0.2.1' }),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'deny from outside the office leaves the office',
    policies: [[allow(), deny({ Condition: { NotIpAddress: { 'acs:SourceIp': '203.0.113.0/24' } } })]],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '203.0.113.1' }),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'with an access key MFAPresent is absent: a Deny of false does not match',
    policies: [[allow(), deny({ Condition: { Bool: { 'acs:MFAPresent': 'false' } } })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'with an access key MFAPresent is absent: an Allow of true does not match',
    policies: [[allow({ Condition: { Bool: { 'acs:MFAPresent': 'true' } } })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'the condition of one statement does not bind another',
    policies: [[allow({ Action: FORBID, Condition: office }), allow({ Action: DESCRIBE })]],
    question: ask(DESCRIBE, DOMAIN, { 'acs:SourceIp': '192.0.2.1' }),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'a key of another product is absent here',
    policies: [[allow({ Condition: { StringLike: { 'oss:Prefix': ['', 'hangzhou/*'] } } })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
];

/** All documented decisions of an identity's policies. */
export const POLICY_CASES: readonly PolicyCase[] = [
  ...precedence,
  ...combinations,
  ...ACTION_CASES,
  ...RESOURCE_CASES,
  ...CONDITION_CASES,
];
