import { allow, ask, deny } from './case-kinds.ts';
import type { PolicyCase } from './case-kinds.ts';

const FORBID = 'live:ForbidLiveStream';
const DESCRIBE = 'live:DescribeLiveStreamsOnlineList';

/** Action and NotAction. */
export const ACTION_CASES: readonly PolicyCase[] = [
  {
    why: 'an action by its name',
    policies: [[allow({ Action: FORBID })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'a list of actions, the second',
    policies: [[allow({ Action: [DESCRIBE, FORBID] })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'a list of actions, none',
    policies: [[allow({ Action: [DESCRIBE, 'live:ResumeLiveStream'] })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'actions are compared without case: the policy in lower case',
    policies: [[allow({ Action: 'live:forbidlivestream' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'actions are compared without case: the question in upper case',
    policies: [[allow({ Action: FORBID })]],
    question: ask('LIVE:FORBIDLIVESTREAM'),
    effect: 'allow',
  },
  {
    why: 'the service is compared without case',
    policies: [[allow({ Action: 'Live:*' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'a Deny without case still denies',
    policies: [[allow(), deny({ Action: 'LIVE:forbid*' })]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'a star at the end: live:Describe*',
    policies: [[allow({ Action: 'live:Describe*' })]],
    question: ask(DESCRIBE),
    effect: 'allow',
  },
  {
    why: 'a star at the end takes nothing too',
    policies: [[allow({ Action: `${FORBID}*` })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'live:Describe* is not Forbid',
    policies: [[allow({ Action: 'live:Describe*' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'a star in the middle',
    policies: [[allow({ Action: 'live:*LiveStream' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'a star in the middle wants the end too',
    policies: [[allow({ Action: 'live:*LiveStream' })]],
    question: ask(DESCRIBE),
    effect: 'implicit-deny',
  },
  {
    why: 'several stars',
    policies: [[allow({ Action: 'live:*Live*List' })]],
    question: ask(DESCRIBE),
    effect: 'allow',
  },
  {
    why: 'a star in the service',
    policies: [[allow({ Action: 'live*:Describe*' })]],
    question: ask('live-interaction:DescribeGroups'),
    effect: 'allow',
  },
  {
    why: 'live:* is not live-interaction',
    policies: [[allow({ Action: 'live:*' })]],
    question: ask('live-interaction:ListGroups'),
    effect: 'implicit-deny',
  },
  {
    why: '*:* is everything',
    policies: [[allow({ Action: '*:*' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: '* is everything',
    policies: [[allow({ Action: '*' })]],
    question: ask('ram:CreateUser', '*'),
    effect: 'allow',
  },
  {
    why: 'a question mark is one character',
    policies: [[allow({ Action: 'live:?orbidLiveStream' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'a question mark is not none',
    policies: [[allow({ Action: `${FORBID}?` })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'a question mark is not two',
    policies: [[allow({ Action: 'live:?bidLiveStream' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'a dot is a dot, not any character',
    policies: [[allow({ Action: 'live:Forbid.iveStream' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'a prefix without a star is not the action',
    policies: [[allow({ Action: 'live:Forbid' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'wildcards of the question are plain text',
    policies: [[allow({ Action: FORBID })]],
    question: ask('live:*'),
    effect: 'implicit-deny',
  },
  {
    why: 'NotAction: everything but what is listed',
    policies: [[allow({ NotAction: 'ram:*' })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'NotAction: not what is listed',
    policies: [[allow({ NotAction: 'ram:*' })]],
    question: ask('ram:CreateUser', '*'),
    effect: 'implicit-deny',
  },
  {
    why: 'NotAction with a list: none of them',
    policies: [[allow({ NotAction: ['ram:*', 'live:Delete*'] })]],
    question: ask('live:DeleteLiveDomain'),
    effect: 'implicit-deny',
  },
  {
    why: 'NotAction with a list: the others',
    policies: [[allow({ NotAction: ['ram:*', 'live:Delete*'] })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'NotAction is compared without case',
    policies: [[allow({ NotAction: 'RAM:*' })]],
    question: ask('ram:CreateUser', '*'),
    effect: 'implicit-deny',
  },
  {
    why: 'NotAction under Deny denies all others',
    policies: [[allow(), deny({ NotAction: 'live:Describe*' })]],
    question: ask(FORBID),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'NotAction under Deny leaves what is listed',
    policies: [[allow(), deny({ NotAction: 'live:Describe*' })]],
    question: ask(DESCRIBE),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'NotAction under Allow is no Deny of what is listed',
    policies: [[allow({ NotAction: FORBID }), allow({ Action: FORBID })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/1',
  },
  {
    why: 'NotAction * is about nothing',
    policies: [[allow({ NotAction: '*' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
];
