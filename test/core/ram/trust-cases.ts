import type { Effect } from '../../../src/core/ram/evaluate.ts';
import type { Written } from './case-kinds.ts';

/** One documented decision of a trust policy. */
export interface TrustCase {
  readonly why: string;
  readonly statements: readonly Written[];
  readonly principals: readonly string[];
  readonly action?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly effect: Effect;
}

const ROOT = 'acs:ram::1:root';
const ALICE = 'acs:ram::1:user/alice';
const ROLE = 'acs:ram::1:role/moderator';

function trust(principal: Written, rest: Written = {}): Written {
  const action = 'NotAction' in rest ? {} : { Action: 'sts:AssumeRole' };
  return { Effect: 'Allow', ...action, Principal: principal, ...rest };
}

/** Who may assume a role. */
export const TRUST_CASES: readonly TrustCase[] = [
  {
    why: 'the root of an account is every user of it',
    statements: [trust({ RAM: [ROOT] })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'the root of another account is not',
    statements: [trust({ RAM: ['acs:ram::2:root'] })],
    principals: [ALICE, ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'one user by its ARN',
    statements: [trust({ RAM: ALICE })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'another user',
    statements: [trust({ RAM: ALICE })],
    principals: ['acs:ram::1:user/bob', ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'a user whose name begins so',
    statements: [trust({ RAM: ALICE })],
    principals: ['acs:ram::1:user/alice2', ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'a role by its ARN',
    statements: [trust({ RAM: [ALICE, ROLE] })],
    principals: [ROLE, ROOT],
    effect: 'allow',
  },
  {
    why: 'a service',
    statements: [trust({ Service: ['live.aliyuncs.com'] })],
    principals: ['live.aliyuncs.com'],
    effect: 'allow',
  },
  {
    why: 'a service is not an account',
    statements: [trust({ Service: ['live.aliyuncs.com'] })],
    principals: [ALICE, ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'an identity provider',
    statements: [trust({ Federated: 'acs:ram::1:saml-provider/idp' }, { Action: 'sts:AssumeRoleWithSAML' })],
    principals: ['acs:ram::1:saml-provider/idp'],
    action: 'sts:AssumeRoleWithSAML',
    effect: 'allow',
  },
  {
    why: 'kinds of principals add up',
    statements: [trust({ RAM: ALICE, Service: 'live.aliyuncs.com' })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'another action',
    statements: [trust({ RAM: ROOT })],
    principals: [ALICE, ROOT],
    action: 'sts:AssumeRoleWithOIDC',
    effect: 'implicit-deny',
  },
  {
    why: 'actions are compared without case',
    statements: [trust({ RAM: ROOT }, { Action: 'STS:assumerole' })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'actions have wildcards',
    statements: [trust({ RAM: ROOT }, { Action: 'sts:*' })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'NotAction leaves out what is listed',
    statements: [trust({ RAM: ROOT }, { NotAction: 'sts:AssumeRole' })],
    principals: [ALICE, ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'NotAction takes the others',
    statements: [trust({ RAM: ROOT }, { NotAction: 'sts:AssumeRoleWith*' })],
    principals: [ALICE, ROOT],
    effect: 'allow',
  },
  {
    why: 'Deny of one user wins over the account',
    statements: [trust({ RAM: ROOT }), trust({ RAM: ALICE }, { Effect: 'Deny' })],
    principals: [ALICE, ROOT],
    effect: 'explicit-deny',
  },
  {
    why: 'Deny of one user leaves the others',
    statements: [trust({ RAM: ALICE }, { Effect: 'Deny' }), trust({ RAM: ROOT })],
    principals: ['acs:ram::1:user/bob', ROOT],
    effect: 'allow',
  },
  {
    why: 'a condition that holds',
    statements: [trust({ RAM: ROOT }, { Condition: { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } } })],
    principals: [ALICE, ROOT],
    context: { 'acs:SourceIp': '203.0.113.5' },
    effect: 'allow',
  },
  {
    why: 'a condition that fails',
    statements: [trust({ RAM: ROOT }, { Condition: { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } } })],
    principals: [ALICE, ROOT],
    context: { 'acs:SourceIp': '192.0.2.1' },
    effect: 'implicit-deny',
  },
  {
    why: 'a condition on an absent key',
    statements: [trust({ RAM: ROOT }, { Condition: { Bool: { 'acs:MFAPresent': 'true' } } })],
    principals: [ALICE, ROOT],
    effect: 'implicit-deny',
  },
  {
    why: 'who has no name is not trusted',
    statements: [trust({ RAM: ROOT })],
    principals: [],
    effect: 'implicit-deny',
  },
];
