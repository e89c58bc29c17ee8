import { allow, ask, deny, DOMAIN } from './case-kinds.ts';
import type { PolicyCase } from './case-kinds.ts';

const FORBID = 'live:ForbidLiveStream';
const CDN = 'acs:cdn:*:1:domain/push.example.com';
const CASTER = 'acs:live:*:1:caster/c-1';

/** Resource and NotResource. */
export const RESOURCE_CASES: readonly PolicyCase[] = [
  {
    why: 'a resource by its ARN',
    policies: [[allow({ Resource: DOMAIN })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'another domain',
    policies: [[allow({ Resource: DOMAIN })]],
    question: ask(FORBID, 'acs:live:*:1:domain/other.example.com'),
    effect: 'implicit-deny',
  },
  {
    why: 'a list of resources, the second',
    policies: [[allow({ Resource: [CASTER, DOMAIN] })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'a list of resources, none',
    policies: [[allow({ Resource: [CASTER, 'acs:live:*:1:domain/a'] })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'account may be a star',
    policies: [[allow({ Resource: 'acs:live:*:*:domain/push.example.com' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'region and account may be stars',
    policies: [[allow({ Resource: 'acs:live:*:*:*' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'another account',
    policies: [[allow({ Resource: 'acs:live:*:2:*' })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
  {
    why: 'the region of the policy is compared when it is named',
    policies: [[allow({ Resource: 'acs:live:cn-beijing:1:*' })]],
    question: ask(FORBID, 'acs:live:cn-shanghai:1:domain/a'),
    effect: 'implicit-deny',
  },
  {
    why: 'the region of the policy is the one asked for',
    policies: [[allow({ Resource: 'acs:live:cn-shanghai:1:*' })]],
    question: ask(FORBID, 'acs:live:cn-shanghai:1:domain/a'),
    effect: 'allow',
  },
  {
    why: 'a star within a name',
    policies: [[allow({ Resource: 'acs:live:*:1:domain/*.example.com' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'a star within a name wants the dot',
    policies: [[allow({ Resource: 'acs:live:*:1:domain/*.example.com' })]],
    question: ask(FORBID, 'acs:live:*:1:domain/example.com'),
    effect: 'implicit-deny',
  },
  {
    why: 'a star crosses a slash',
    policies: [[allow({ Resource: 'acs:oss:*:*:bucket/*' })]],
    question: ask('oss:GetObject', 'acs:oss:*:1:bucket/a/b/c'),
    effect: 'allow',
  },
  {
    why: 'a star crosses a colon',
    policies: [[allow({ Resource: 'acs:live:*' })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'bucket/* is not the bucket itself',
    policies: [[allow({ Resource: 'acs:oss:*:*:bucket/*' })]],
    question: ask('oss:ListObjects', 'acs:oss:*:1:bucket'),
    effect: 'implicit-deny',
  },
  {
    why: 'a question mark is one character',
    policies: [[allow({ Resource: 'acs:live:*:1:caster/c-?' })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'allow',
  },
  {
    why: 'a question mark is not two',
    policies: [[allow({ Resource: 'acs:live:*:1:caster/c-?' })]],
    question: ask('live:StartCaster', 'acs:live:*:1:caster/c-12'),
    effect: 'implicit-deny',
  },
  {
    why: 'a question mark crosses a slash',
    policies: [[allow({ Resource: 'acs:live:*:1:caster?c-1' })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'allow',
  },
  {
    why: 'resources are compared with case',
    policies: [[allow({ Resource: 'acs:live:*:1:caster/C-1' })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'implicit-deny',
  },
  {
    why: 'resources with wildcards are compared with case',
    policies: [[allow({ Resource: 'acs:live:*:1:Caster/*' })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'implicit-deny',
  },
  {
    why: 'one spelling of several is enough: live',
    policies: [[allow({ Resource: DOMAIN })]],
    question: ask(FORBID, [CDN, DOMAIN]),
    effect: 'allow',
  },
  {
    why: 'one spelling of several is enough: cdn',
    policies: [[allow({ Resource: CDN })]],
    question: ask(FORBID, [CDN, DOMAIN]),
    effect: 'allow',
  },
  {
    why: 'a Deny in the other spelling denies too',
    policies: [[allow({ Resource: DOMAIN }), deny({ Resource: CDN })]],
    question: ask(FORBID, [DOMAIN, CDN]),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'an operation without a resource is allowed on *',
    policies: [[allow({ Resource: '*' })]],
    question: ask('live:StartLiveStreamMonitor', '*'),
    effect: 'allow',
  },
  {
    why: 'an operation without a resource is not allowed on an ARN',
    policies: [[allow({ Resource: 'acs:live:*:1:*' })]],
    question: ask('live:StartLiveStreamMonitor', '*'),
    effect: 'implicit-deny',
  },
  {
    why: 'wildcards of the question are plain text',
    policies: [[allow({ Resource: DOMAIN })]],
    question: ask(FORBID, 'acs:live:*:1:*'),
    effect: 'implicit-deny',
  },
  {
    why: 'a dot is a dot, not any character',
    policies: [[allow({ Resource: DOMAIN })]],
    question: ask(FORBID, 'acs:live:*:1:domain/pushXexample.com'),
    effect: 'implicit-deny',
  },
  {
    why: 'NotResource: everything but what is listed',
    policies: [[allow({ NotResource: CASTER })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'NotResource: not what is listed',
    policies: [[allow({ NotResource: CASTER })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'implicit-deny',
  },
  {
    why: 'NotResource with wildcards',
    policies: [[allow({ NotResource: ['acs:live:*:*:caster/*', 'acs:cdn:*'] })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'implicit-deny',
  },
  {
    why: 'NotResource that lists one spelling lists the thing',
    policies: [[allow({ NotResource: CDN })]],
    question: ask(FORBID, [DOMAIN, CDN]),
    effect: 'implicit-deny',
  },
  {
    why: 'NotResource under Deny denies all others',
    policies: [[allow(), deny({ NotResource: DOMAIN })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'explicit-deny',
    by: '0/1',
  },
  {
    why: 'NotResource under Deny leaves what is listed',
    policies: [[allow(), deny({ NotResource: DOMAIN })]],
    question: ask(FORBID),
    effect: 'allow',
    by: '0/0',
  },
  {
    why: 'NotResource is compared with case',
    policies: [[allow({ NotResource: 'acs:live:*:1:caster/C-1' })]],
    question: ask('live:StartCaster', CASTER),
    effect: 'allow',
  },
  {
    why: 'NotAction and NotResource together: both outside',
    policies: [[allow({ NotAction: 'ram:*', NotResource: CASTER })]],
    question: ask(FORBID),
    effect: 'allow',
  },
  {
    why: 'NotAction and NotResource together: the resource is listed',
    policies: [[allow({ NotAction: 'ram:*', NotResource: DOMAIN })]],
    question: ask(FORBID),
    effect: 'implicit-deny',
  },
];
