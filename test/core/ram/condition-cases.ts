import { allow, ask, DOMAIN } from './case-kinds.ts';
import type { PolicyCase } from './case-kinds.ts';

/** The rows of one operator and key: the values of the policy, the value of the request (null: absent), whether it holds, why. */
interface Table {
  readonly operator: string;
  readonly key: string;
  readonly rows: readonly (readonly [values: unknown, asked: string | null, holds: boolean, why: string])[];
}

const ALICE = 'acs:ram::1:user/alice';
const WHEN = '2019-08-12T17:00:00+08:00';

const strings: readonly Table[] = [
  {
    operator: 'StringEquals',
    key: 'acs:PrincipalArn',
    rows: [
      [ALICE, ALICE, true, 'the same text'],
      [ALICE, 'acs:ram::1:user/Alice', false, 'case matters'],
      [ALICE, 'acs:ram::1:user/alice2', false, 'the whole text counts'],
      ['acs:ram::1:user/*', ALICE, false, 'a star is no wildcard'],
      [['acs:ram::1:user/bob', ALICE], ALICE, true, 'one value of two is enough'],
      [[ALICE], null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'StringEquals',
    key: 'acs:ResourceTag/team',
    rows: [
      [['dev'], 'dev', true, 'the tag has the value (the vendor’s example)'],
      [['dev'], 'ops', false, 'the tag has another value'],
      [['dev'], null, false, 'the resource has no such tag'],
      ['', '', true, 'an empty value is a value'],
      [7, '7', true, 'a number of the document is kept as text'],
      [true, 'true', true, 'a boolean of the document is kept as text'],
    ],
  },
  {
    operator: 'StringNotEquals',
    key: 'acs:PrincipalArn',
    rows: [
      [ALICE, 'acs:ram::1:user/bob', true, 'another text'],
      [ALICE, ALICE, false, 'the same text'],
      [ALICE, 'acs:ram::1:user/ALICE', true, 'case makes another text'],
      [[ALICE, 'acs:ram::1:user/bob'], 'acs:ram::1:user/bob', false, 'none of the values may match'],
      [[ALICE, 'acs:ram::1:user/bob'], 'acs:ram::1:user/carol', true, 'none of the values matches'],
      [ALICE, null, false, 'an absent key does not match under Not either'],
    ],
  },
  {
    operator: 'StringEqualsIgnoreCase',
    key: 'acs:UserAgent',
    rows: [
      ['AlibabaCloud', 'alibabacloud', true, 'case does not matter'],
      ['AlibabaCloud', 'alibabacloud/1', false, 'the whole text counts'],
      [['a', 'B'], 'b', true, 'one value of two is enough'],
      ['a', null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'StringNotEqualsIgnoreCase',
    key: 'acs:UserAgent',
    rows: [
      ['curl', 'CURL', false, 'the same text but for case'],
      ['curl', 'wget', true, 'another text'],
      [['curl', 'wget'], 'WGET', false, 'none of the values may match'],
      ['curl', null, false, 'an absent key does not match under Not either'],
    ],
  },
  {
    operator: 'StringLike',
    key: 'acs:UserAgent',
    rows: [
      ['AlibabaCloud*', 'AlibabaCloud (linux; x64) Python/3.12', true, 'a star at the end'],
      ['*Python*', 'AlibabaCloud (linux; x64) Python/3.12', true, 'stars at both ends'],
      ['*python*', 'AlibabaCloud (linux; x64) Python/3.12', false, 'case matters'],
      ['curl/?.?', 'curl/8.1', true, 'question marks are one character each'],
      ['curl/?.?', 'curl/8.10', false, 'a question mark is not two characters'],
      ['', 'curl', false, 'an empty pattern is the empty text only'],
      ['*', '', true, 'a star is any text, also none'],
      [['wget*', 'curl*'], 'curl/8', true, 'one pattern of two is enough'],
      ['*', null, false, 'an absent key does not match, not even a star'],
    ],
  },
  {
    operator: 'StringLike',
    key: 'acs:PrincipalArn',
    rows: [
      ['acs:ram::1:role/*', 'acs:ram::1:role/moderator', true, 'every role of the account'],
      ['acs:ram::1:role/*', ALICE, false, 'a user is no role'],
    ],
  },
  {
    operator: 'StringNotLike',
    key: 'acs:PrincipalArn',
    rows: [
      ['acs:ram::1:user/*', ALICE, false, 'the pattern matches'],
      ['acs:ram::1:user/*', 'acs:ram::1:role/moderator', true, 'the pattern does not match'],
      [['acs:ram::1:role/*', '*/alice'], ALICE, false, 'none of the patterns may match'],
      ['acs:ram::1:user/*', null, false, 'an absent key does not match under Not either'],
    ],
  },
];

const numbers: readonly Table[] = [
  {
    operator: 'NumericEquals',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '10', true, 'the same number'],
      ['10', '10.0', true, 'numbers are compared, not texts'],
      [10, '1e1', true, 'an exponent is a number'],
      [10, '11', false, 'another number'],
      [[10, 20], '20', true, 'one value of two is enough'],
      [10, 'ten', false, 'what is no number matches nothing'],
      [10, null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'NumericNotEquals',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '11', true, 'another number'],
      [10, '10.00', false, 'the same number'],
      [[10, 11], '11', false, 'none of the values may match'],
      [10, 'ten', false, 'what is no number matches nothing, under Not either'],
      [10, null, false, 'an absent key does not match under Not either'],
    ],
  },
  {
    operator: 'NumericLessThan',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '9.99', true, 'less'],
      [10, '10', false, 'the same is not less'],
      [10, '9', true, 'by value, where the text would be more'],
      [-1, '-2', true, 'negative numbers'],
      [[1, 10], '5', true, 'less than one of two'],
      [10, null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'NumericLessThanEquals',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '10', true, 'the same'],
      [10, '10.5', false, 'more'],
    ],
  },
  {
    operator: 'NumericGreaterThan',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '10.5', true, 'more'],
      [10, '10', false, 'the same is not more'],
      [9, '10', true, 'by value, where the text would be less'],
      [9, null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'NumericGreaterThanEquals',
    key: 'acs:ResourceTag/quota',
    rows: [
      [10, '10', true, 'the same'],
      [10, '9', false, 'less'],
    ],
  },
];

const dates: readonly Table[] = [
  {
    operator: 'DateEquals',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T09:00:00Z', true, 'one moment in two zones'],
      [WHEN, '2019-08-12T17:00:00+08:00', true, 'the same text'],
      [WHEN, '2019-08-12T17:00:00Z', false, 'the same clock time in another zone'],
      ['2019-08-12T17:00+08:00', '2019-08-12T09:00:00Z', true, 'seconds may be left out'],
      ['2019-08-12T09:00Z', '2019-08-12T09:00:00Z', true, 'seconds may be left out before Z'],
      ['2019-08-12T09:00:00.000Z', '2019-08-12T09:00:00Z', true, 'a fraction of nothing'],
      ['2019-08-12T17:00:00+0800', '2019-08-12T09:00:00Z', true, 'an offset without a colon'],
      ['2019-08-12', '2019-08-12T00:00:00Z', true, 'a date alone is its midnight in UTC'],
      [['2019-08-11', '2019-08-12'], '2019-08-12T00:00:00Z', true, 'one value of two is enough'],
      [WHEN, 'yesterday', false, 'what is no date matches nothing'],
      [WHEN, null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'DateNotEquals',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T09:00:00Z', false, 'one moment in two zones'],
      [WHEN, '2019-08-12T09:00:01Z', true, 'a second later'],
      [[WHEN, '2019-08-12T09:00:01Z'], '2019-08-12T09:00:01Z', false, 'none of the values may match'],
      [WHEN, 'yesterday', false, 'what is no date matches nothing, under Not either'],
      [WHEN, null, false, 'an absent key does not match under Not either'],
    ],
  },
  {
    operator: 'DateLessThan',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T08:59:59Z', true, 'before (the vendor’s example)'],
      [WHEN, '2019-08-12T09:00:00Z', false, 'the moment itself is not before'],
      [WHEN, '2019-08-12T16:30:00+08:00', true, 'the request may have an offset too'],
      [WHEN, '2019-08-12T10:00:00Z', false, 'after, although the clock time is less'],
      ['2019-08-12T00:30:00+01:00', '2019-08-11T23:00:00Z', true, 'the day changes with the offset'],
      [WHEN, null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'DateLessThanEquals',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T09:00:00Z', true, 'the moment itself'],
      [WHEN, '2019-08-12T09:00:01Z', false, 'after'],
    ],
  },
  {
    operator: 'DateGreaterThan',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T09:00:01Z', true, 'after'],
      [WHEN, '2019-08-12T09:00:00Z', false, 'the moment itself is not after'],
      ['2020-02-29', '2020-03-01T00:00:00Z', true, 'a leap day is a date'],
    ],
  },
  {
    operator: 'DateGreaterThanEquals',
    key: 'acs:CurrentTime',
    rows: [
      [WHEN, '2019-08-12T09:00:00Z', true, 'the moment itself'],
      [WHEN, '2019-08-12T08:59:59Z', false, 'before'],
      ['2019-08-12T05:00:00-04:00', '2019-08-12T09:00:00Z', true, 'an offset west of UTC'],
    ],
  },
];

const others: readonly Table[] = [
  {
    operator: 'Bool',
    key: 'acs:SecureTransport',
    rows: [
      ['true', 'true', true, 'over HTTPS (the vendor’s example)'],
      ['true', 'false', false, 'not over HTTPS'],
      [false, 'false', true, 'a boolean of the document'],
      ['True', 'true', true, 'case does not matter'],
      [[true, false], 'false', true, 'one value of two is enough'],
      ['true', 'yes', false, 'what is no boolean matches nothing'],
      ['true', null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'Bool',
    key: 'acs:MFAPresent',
    rows: [
      ['true', 'true', true, 'a session with a second factor'],
      ['true', null, false, 'with an access key the key is absent: not true'],
      ['false', null, false, 'with an access key the key is absent: not false'],
    ],
  },
  {
    operator: 'IpAddress',
    key: 'acs:SourceIp',
    rows: [
      ['203.0.113.7', '203.0.113.7', true, 'the address'],
      ['203.0.113.7', '203.0.113.8', false, 'another address'],
      ['203.0.113.0/24', '203.0.113.255', true, 'the last address of the range'],
      ['203.0.113.0/24', '203.0.114.0', false, 'the address after the range'],
      ['203.0.113.9/24', '203.0.113.1', true, 'host bits of a range do not count'],
      ['0.0.0.0/0', '192.0.2.1', true, 'every IPv4 address'],
      ['0.0.0.0/0', '2001:db8::1', false, 'an IPv6 address is none'],
      ['10.0.0.0/8', '::ffff:10.1.2.3', true, 'an IPv4-mapped address is the IPv4 address'],
      ['::ffff:10.0.0.0/104', '10.1.2.3', true, 'an IPv4-mapped range is the IPv4 range'],
      ['2001:db8::/32', '2001:DB8:0:1::5', true, 'an IPv6 range'],
      ['2001:db8::/32', '2001:db9::1', false, 'an address outside the IPv6 range'],
      ['2001:db8::1', '2001:db8:0:0:0:0:0:1', true, 'two spellings of one IPv6 address'],
      ['::/0', '2001:db8::1', true, 'every IPv6 address'],
      [['192.0.2.0/24', '2001:db8::/32'], '2001:db8::1', true, 'one range of two is enough'],
      ['0.0.0.0/0', 'unknown', false, 'what is no address matches nothing'],
      ['0.0.0.0/0', null, false, 'an absent key does not match'],
    ],
  },
  {
    operator: 'NotIpAddress',
    key: 'acs:SourceIp',
    rows: [
      ['203.0.113.0/24', '192.0.2.1', true, 'outside the range'],
      ['203.0.113.0/24', '203.0.113.1', false, 'in the range'],
      ['203.0.113.0/24', '::ffff:203.0.113.1', false, 'in the range as an IPv4-mapped address'],
      ['203.0.113.0/24', '2001:db8::1', true, 'an IPv6 address is outside an IPv4 range'],
      [['203.0.113.0/24', '192.0.2.0/24'], '192.0.2.1', false, 'it may be in none of the ranges'],
      ['203.0.113.0/24', 'unknown', false, 'what is no address matches nothing, under Not either'],
      ['203.0.113.0/24', null, false, 'an absent key does not match under Not either'],
    ],
  },
  {
    operator: 'StringEquals',
    key: 'ACS:sourceip',
    rows: [
      ['192.0.2.1', '192.0.2.1', true, 'names of keys are compared without case (asked as acs:SourceIp)'],
    ],
  },
];

/** The documented spelling of a key, as the gateway asks. */
const DOCUMENTED = new Map([['ACS:sourceip', 'acs:SourceIp']]);

function casesOf({ operator, key, rows }: Table): PolicyCase[] {
  return rows.map(([values, asked, holds, why]) => ({
    why: `${operator} ${key}: ${why}`,
    policies: [[allow({ Condition: { [operator]: { [key]: values } } })]],
    question: ask(
      'live:ForbidLiveStream',
      DOMAIN,
      asked === null ? {} : { [DOCUMENTED.get(key) ?? key]: asked },
    ),
    effect: holds ? 'allow' : 'implicit-deny',
    ...(holds ? { by: '0/0' } : {}),
  }));
}

/** One Allow with one condition each: every operator, every documented key. */
export const CONDITION_CASES: readonly PolicyCase[] = [...strings, ...numbers, ...dates, ...others].flatMap(
  casesOf,
);
