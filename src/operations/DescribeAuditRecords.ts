import { z } from 'zod';
import { formatTimestamp } from '../base/timestamp.ts';
import type { AuditFilter, AuditLine, AuditPlace, PageTokens } from '../core/audit-trail.ts';
import { AUDIT_RESULTS, auditEntry } from './audit-entry.ts';
import { auditParameters, auditRecordFields } from './audit-fields.ts';
import { text, wrappedList } from './fields.ts';
import { defineOperation } from './operation.ts';
import type { Fail } from './operation.ts';
import { SPAN_ERRORS } from './time-span.ts';

const DAY_MS = 86_400_000;

/** The longest that a line is kept. */
const MAX_SPAN_DAYS = 400;

const parameters = z.object(auditParameters);

type Asked = z.output<typeof parameters>;

/** Lists who called what, and what became of it. */
export const DescribeAuditRecords = defineOperation({
  name: 'DescribeAuditRecords',
  summary: 'List who called what, and what became of it.',
  doc: `Ours. The audit trail of your account, newest first. Writing and denied calls are kept 400 days, reading and
throttled ones 7; calls without a valid signature belong to no account and are not listed. The span may be
${MAX_SPAN_DAYS} days long.

Filters add up. One answer looks at some ten thousand entries at most: a page can be short, and even empty, although there
is more. Go on with \`NextToken\` and the same filters until an answer has none. What is called meanwhile is newer than the
first page and does not disturb the others. \`Target\`, \`UserAccessKeyId\`, \`ErrorCode\`, \`Actor\` and \`ActionName\` find
at once; narrow the span for the other filters.

\`Unknown\` is a writing call that was begun and has no answer yet; long after its time it means that the service ended in
between: the change was made, what it reached is not known.`,
  kind: 'read',
  ram: { action: 'live:DescribeAuditRecords', level: 'list', resource: '*' },
  limit: { calls: 10, perSeconds: 1 },
  parameters,
  response: z.object({
    NextToken: text({
      description: '`NextToken` of the next call; absent at the end.',
      example: 'v1.Ftx9cc',
    }).optional(),
    AuditRecords: wrappedList('AuditRecord', auditRecordFields),
  }),
  errors: SPAN_ERRORS,
  async handle({ params, caller, core, fail }) {
    const { accountId } = caller;
    const { tokens, trail } = core.store;
    const scope = scopeOf(accountId, params);
    const place = params.NextToken === undefined ? null : placeOf(params.NextToken, { scope, tokens, fail });
    const { after, ...span } = place ?? { ...spanOf(params, core.clock.now(), fail), after: null };
    const query = { accountId, ...span, after, filter: filterOf(params), limit: params.MaxResults };
    const { lines, next } = await trail.list(query);
    const NextToken =
      next === null ? undefined : tokens.seal(scope, JSON.stringify({ ...span, after: next }));
    return { NextToken, AuditRecords: { AuditRecord: lines.map(recordOf) } };
  },
});

function recordOf(line: AuditLine) {
  return { Time: formatTimestamp(line.at), ...auditEntry(line) };
}

function filterOf(params: Asked): AuditFilter {
  const { Actor, UserAccessKeyId, ActionName, Target, Result, Kind, ErrorCode, SourceIp, CallId } = params;
  return {
    actor: Actor,
    accessKeyId: UserAccessKeyId,
    action: ActionName,
    ...(Target?.endsWith('*') ? { targetPrefix: Target.slice(0, -1) } : { target: Target }),
    result: Result && AUDIT_RESULTS[Result],
    kind: Kind,
    code: ErrorCode,
    clientAddress: SourceIp,
    requestId: CallId,
  };
}

/** The span as the store takes it: the last second counts whole, because the API knows no fractions. */
function spanOf(
  { StartTime, EndTime }: Asked,
  now: number,
  fail: Fail<keyof typeof SPAN_ERRORS>,
): { from: number; to: number } {
  const end = EndTime ?? now;
  const from = StartTime ?? end - DAY_MS;
  if (from >= end || end - from > MAX_SPAN_DAYS * DAY_MS) throw fail('InvalidEndTime.Mismatch');
  return { from, to: EndTime === undefined ? now : EndTime + 999 };
}

/** Whose list of what it is: a token is good for the same question of the same account only. */
function scopeOf(accountId: string, { NextToken: _, MaxResults: _size, ...filters }: Asked): string {
  const asked = Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1));
  return `DescribeAuditRecords/${accountId}/${JSON.stringify(asked)}`;
}

/** What a token is made of: the span, which the first page fixed, and the last entry of the page before. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly after: AuditPlace;
}

function placeOf(
  token: string,
  known: { scope: string; tokens: PageTokens; fail: Fail<'InvalidNextToken.Malformed'> },
): Place {
  const place = known.tokens.open(known.scope, token);
  if (place === undefined) throw known.fail('InvalidNextToken.Malformed');
  return JSON.parse(place) as Place;
}
