import { z } from 'zod';
import { isIpLiteral } from '../../base/net-address.ts';
import { simulate } from '../../core/ram/simulation.ts';
import { spellingsAtTheDoor } from '../../core/ram/resources.ts';
import { boundedText, flag, time } from '../fields.ts';
import { policyDocument } from './policy-fields.ts';
import { MALFORMED_POLICY, notFound } from './ram-errors.ts';
import { patternText, userName } from './ram-fields.ts';
import { defineRamOperation } from './ram-operation.ts';
import { roleName } from './role-fields.ts';
import { simulationAnswer, simulationFields } from './simulation-fields.ts';
import { isOneSubject, subjectOf } from './simulation-subject.ts';

const context = {
  SourceIp: patternText('an IP address', /^((\d{1,3}\.){3}\d{1,3}|[\dA-Fa-f]*:[\dA-Fa-f:.]{1,44})$/, {
    description: '`acs:SourceIp`: where the call comes from.',
    example: '192.0.2.7',
  }).optional(),
  SecureTransport: flag({
    description: '`acs:SecureTransport`: whether it comes over TLS.',
    example: 'true',
  }).optional(),
  CurrentTime: time({
    description: '`acs:CurrentTime`; absent: now.',
    example: '2026-01-01T08:00:00Z',
  }).optional(),
  UserAgent: boundedText(512, {
    description: '`acs:UserAgent`.',
    example: 'AlibabaCloud (linux; amd64)',
  }).optional(),
  PrincipalArn: boundedText(256, {
    description: '`acs:PrincipalArn`; absent: that of the user, role or caller.',
    example: 'acs:ram::1234567890123456:user/alice',
  }).optional(),
  MFAPresent: flag({
    description: '`acs:MFAPresent`; calls with an access key do not have it.',
    example: 'true',
  }).optional(),
};

type Context = z.output<z.ZodObject<typeof context>>;

/** Tells what policies say to a call, without making it. Ours. */
export const SimulatePolicy = defineRamOperation({
  name: 'SimulatePolicy',
  summary: 'Tell whether a call would be allowed, and which statement decides (ours).',
  doc: `Not an operation of the vendor. Judges \`TargetAction\` on \`Resource\` exactly as the service would judge the call
itself, and changes nothing. Whose policies are asked: \`UserName\` (with the user's groups), \`RoleName\` (narrowed by
\`SessionPolicy\`, if given) or \`PolicyDocument\` alone; without any of them, the caller's own. What the call would say of
itself must be said here: a condition on a key that is not given does not hold. Of the caller's own policies, what is left
out is as in this very call. A resource is judged in the spellings of the real call: a push domain stands for its main domain, and
\`acs:live\` and \`acs:cdn\` for each other. Whether the resource exists, and whose it is, is not asked. An account's owner is
always allowed, and no statement decides. Who may call this can read what the account's policies say.`,
  kind: 'read',
  ram: { level: 'get', resource: '*' },
  limit: { calls: 20, perSeconds: 1 },
  parameters: z.object({
    TargetAction: patternText('`<service>:<Operation>`', /^[A-Za-z-]{1,64}:[A-Za-z0-9]{1,128}$/, {
      description: 'What the call would do.',
      example: 'live:ForbidLiveStream',
    }),
    Resource: boundedText(512, {
      description: 'What it would do it to; `*` for operations that name nothing.',
      example: 'acs:live:*:1234567890123456:domain/play.example.com',
    }).default('*'),
    UserName: userName.optional(),
    RoleName: roleName.optional(),
    SessionPolicy: policyDocument.optional(),
    PolicyDocument: policyDocument.optional(),
    ...context,
  }),
  response: z.object(simulationFields),
  errors: {
    ...notFound('user', 'role'),
    ...MALFORMED_POLICY,
    'InvalidParameter.Combination': {
      status: 400,
      message: 'Give one of UserName, RoleName and PolicyDocument at most; SessionPolicy goes with RoleName.',
    },
  },
  handle: ({ params, fail, ...call }) => {
    if (!isOneSubject(params)) throw fail('InvalidParameter.Combination');
    if (params.SourceIp !== undefined && !isIpLiteral(params.SourceIp))
      throw fail('InvalidSourceIp.Malformed');
    const { accountId } = call.caller;
    const resources = spellingsAtTheDoor(params.Resource, { accountId, domains: call.core.domains });
    const subject = subjectOf(params, call);
    if (!subject.policies)
      return simulationAnswer({ effect: 'allow', statements: [], cut: false }, resources);
    const asked = new Map([...subject.context, ...contextOf(params, call.core.clock.now())]);
    const question = { action: params.TargetAction, resources, context: asked };
    return simulationAnswer(simulate(subject.policies, question), resources);
  },
});

/** The condition keys that the call gives, in their documented spelling. */
function contextOf(given: Context, now: number): [string, string][] {
  const values = {
    'acs:SourceIp': given.SourceIp,
    'acs:SecureTransport': given.SecureTransport?.toString(),
    'acs:CurrentTime': new Date(given.CurrentTime ?? now).toISOString(),
    'acs:UserAgent': given.UserAgent,
    'acs:PrincipalArn': given.PrincipalArn,
    'acs:MFAPresent': given.MFAPresent?.toString(),
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as [string, string]],
  );
}
