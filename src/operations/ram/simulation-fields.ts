import { z } from 'zod';
import type { StatementExplanation } from '../../core/ram/evaluate.ts';
import { MAX_EXPLAINED, statementText } from '../../core/ram/simulation.ts';
import type { Simulation } from '../../core/ram/simulation.ts';
import { count, text, truth, wrappedList } from '../fields.ts';

const place = {
  PolicyName: text({
    description: 'Policy of the statement; `session` for `SessionPolicy`, `PolicyDocument` for that.',
    example: 'moderate-streams',
  }),
  PolicyType: text({ description: '`System`, `Custom` or `Session`.', example: 'Custom' }),
  AttachedTo: text({
    description: 'What the policy comes with: `user/...`, `group/...`, `role/...`, `session` or `nothing`.',
    example: 'group/moderators',
  }),
  StatementIndex: count({ description: 'Place of the statement in its policy, from 0.', example: '0' }),
};

/** What SimulatePolicy answers. */
export const simulationFields = {
  Decision: text({ description: '`Allow`, `ImplicitDeny` or `ExplicitDeny`.', example: 'Allow' }),
  DecidedBy: z
    .object({
      ...place,
      Statement: text({
        description: 'The statement (JSON); its elements can be spelled otherwise than they were written.',
        example: '{"Effect":"Allow","Action":["live:Describe*"],"Resource":["*"]}',
      }),
    })
    .optional(),
  LimitedBy: text({
    description:
      'Of a denial: `Identity` when the user or role itself may not, `Session` when only its session may not.',
    example: 'Identity',
  }).optional(),
  Resources: wrappedList(
    'Resource',
    text({
      description: 'The spellings that were tried; a statement that names one of them names the resource.',
      example: 'acs:live:*:1234567890123456:domain/play.example.com',
    }),
  ),
  Statements: wrappedList(
    'Statement',
    z.object({
      ...place,
      Effect: text({ description: '`Allow` or `Deny`.', example: 'Allow' }),
      Matched: truth({ description: 'Whether the statement is about the call.', example: 'true' }),
      FailedOn: text({
        description: 'The first thing that is not: `Action`, `Resource` or `Condition`.',
        example: 'Condition',
      }).optional(),
      Operator: text({
        description: 'Operator of the condition that does not hold.',
        example: 'IpAddress',
      }).optional(),
      Key: text({
        description: 'Key of the condition that does not hold.',
        example: 'acs:SourceIp',
      }).optional(),
    }),
  ),
  IsTruncated: truth({
    description: `Whether there were more than ${MAX_EXPLAINED} statements. Those that match are told of first.`,
    example: 'false',
  }),
} satisfies z.ZodRawShape;

const DECISIONS = {
  allow: 'Allow',
  'implicit-deny': 'ImplicitDeny',
  'explicit-deny': 'ExplicitDeny',
} as const;
const LIMITS = { identity: 'Identity', session: 'Session' } as const;

/** The values of {@link simulationFields}. */
export function simulationAnswer(
  { effect, decidedBy, limitedBy, statements, cut }: Simulation,
  resources: readonly string[],
) {
  return {
    Decision: DECISIONS[effect],
    DecidedBy: decidedBy && decidedAnswer(decidedBy),
    LimitedBy: limitedBy && LIMITS[limitedBy],
    Resources: { Resource: [...resources] },
    Statements: { Statement: statements.map(statementAnswer) },
    IsTruncated: cut,
  };
}

function placeOf({ policy, statement }: Pick<StatementExplanation, 'policy' | 'statement'>) {
  const { name: PolicyName, type: PolicyType, source: AttachedTo } = policy;
  return { PolicyName, PolicyType, AttachedTo, StatementIndex: statement };
}

function decidedAnswer(decided: Pick<StatementExplanation, 'policy' | 'statement'>) {
  const statement = decided.policy.document.statements[decided.statement];
  return { ...placeOf(decided), Statement: statement ? statementText(statement) : '' };
}

function statementAnswer({ effect, matches, failed, ...at }: StatementExplanation) {
  const told = { ...placeOf(at), Effect: effect, Matched: matches };
  if (failed === undefined) return told;
  if (failed === 'action') return { ...told, FailedOn: 'Action' };
  if (failed === 'resource') return { ...told, FailedOn: 'Resource' };
  return { ...told, FailedOn: 'Condition', Operator: failed.operator, Key: failed.key };
}
