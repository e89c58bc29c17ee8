import { allow, ask, deny, DOMAIN } from './case-kinds.ts';
import type { PolicyCase, Written } from './case-kinds.ts';

/** One documented decision for a session. `by` is `<policy>/<statement>`, the session policy being `session`. */
export interface SessionCase extends Omit<PolicyCase, 'policies'> {
  readonly role: readonly (readonly Written[])[];
  /** Null: the session was opened without a policy. */
  readonly session: readonly Written[] | null;
  readonly limitedBy?: 'identity' | 'session';
}

const FORBID = 'live:ForbidLiveStream';
const live = allow({ Action: 'live:*' });
const describe = allow({ Action: 'live:Describe*' });
const question = ask(FORBID);

/** A session can do what the role and the session policy both allow. */
export const SESSION_CASES: readonly SessionCase[] = [
  {
    why: 'without a session policy the role decides: allow',
    role: [[live]],
    session: null,
    question,
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'without a session policy the role decides: implicit',
    role: [[describe]],
    session: null,
    question,
    effect: 'implicit-deny',
    limitedBy: 'identity',
  },
  {
    why: 'without a session policy the role decides: explicit',
    role: [[live, deny()]],
    session: null,
    question,
    effect: 'explicit-deny',
    by: '0/1',
    limitedBy: 'identity',
  },
  {
    why: 'both allow, the role is named',
    role: [[live]],
    session: [allow()],
    question,
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'the session policy does not widen the role',
    role: [[describe]],
    session: [allow()],
    question,
    effect: 'implicit-deny',
    limitedBy: 'identity',
  },
  {
    why: 'the session policy narrows the role',
    role: [[live]],
    session: [describe],
    question,
    effect: 'implicit-deny',
    limitedBy: 'session',
  },
  {
    why: 'the session policy denies explicitly',
    role: [[live]],
    session: [allow(), deny({ Action: FORBID })],
    question,
    effect: 'explicit-deny',
    by: 'session/1',
    limitedBy: 'session',
  },
  {
    why: 'the role denies explicitly',
    role: [[live], [deny({ Action: FORBID })]],
    session: [allow()],
    question,
    effect: 'explicit-deny',
    by: '1/0',
    limitedBy: 'identity',
  },
  {
    why: 'both deny explicitly: the role is named',
    role: [[deny()]],
    session: [deny()],
    question,
    effect: 'explicit-deny',
    by: '0/0',
    limitedBy: 'identity',
  },
  {
    why: 'both deny implicitly: the role is named',
    role: [[describe]],
    session: [describe],
    question,
    effect: 'implicit-deny',
    limitedBy: 'identity',
  },
  {
    why: 'an explicit deny of the session goes before an implicit one of the role',
    role: [[describe]],
    session: [deny()],
    question,
    effect: 'explicit-deny',
    by: 'session/0',
    limitedBy: 'session',
  },
  {
    why: 'an explicit deny of the role goes before an implicit one of the session',
    role: [[deny()]],
    session: [describe],
    question,
    effect: 'explicit-deny',
    by: '0/0',
    limitedBy: 'identity',
  },
  {
    why: 'a role without policies can do nothing',
    role: [],
    session: [allow()],
    question,
    effect: 'implicit-deny',
    limitedBy: 'identity',
  },
  {
    why: 'the session policy may narrow the resource: inside',
    role: [[live]],
    session: [allow({ Resource: DOMAIN })],
    question,
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'the session policy may narrow the resource: outside',
    role: [[live]],
    session: [allow({ Resource: DOMAIN })],
    question: ask(FORBID, 'acs:live:*:1:domain/other.example.com'),
    effect: 'implicit-deny',
    limitedBy: 'session',
  },
  {
    why: 'a condition of the session policy counts',
    role: [[live]],
    session: [allow({ Condition: { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } } })],
    question: ask(FORBID, DOMAIN, { 'acs:SourceIp': '192.0.2.1' }),
    effect: 'implicit-deny',
    limitedBy: 'session',
  },
];
