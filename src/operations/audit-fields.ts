import { z } from 'zod';
import { AUDIT_RESULTS } from './audit-entry.ts';
import type { AuditResultName } from './audit-entry.ts';
import { boundedText, choice, count, integer, text, time } from './fields.ts';

const MAX_FILTER_BYTES = 512;
const MAX_TOKEN_BYTES = 1024;
const RESULT_NAMES = Object.keys(AUDIT_RESULTS) as [AuditResultName, ...AuditResultName[]];
const KINDS = ['write', 'read', 'denied'] as const;

const filter = (description: string, example: string) =>
  boundedText(MAX_FILTER_BYTES, { description, example }).optional();

/** What the trail can be asked for. */
export const auditParameters = {
  StartTime: time({
    description: 'Begin of the span, inclusive. Absent: 24 hours before its end.',
    example: '2026-01-01T00:00:00Z',
  }).optional(),
  EndTime: time({
    description: 'End of the span, inclusive; later than StartTime. Absent: now.',
    example: '2026-01-02T00:00:00Z',
  }).optional(),
  Actor: filter('Who called: `root`, `user/<name>` or `role/<name>:<session>`.', 'user/alice'),
  UserAccessKeyId: filter(
    'Key that signed. Not `AccessKeyId`: that is the key that signs this call.',
    'LTAI5tExample',
  ),
  ActionName: filter('Operation that was called. Not `Action`: that is this operation.', 'ForbidLiveStream'),
  Target: filter(
    'What was named, as the answer shows it; with a `*` at its end whatever begins so.',
    'push.example.com/live/*',
  ),
  Result: choice(RESULT_NAMES, { description: 'What became of the call.', example: 'Success' }).optional(),
  Kind: choice(KINDS, {
    description: 'Writing calls, reading calls, or those that RAM denied.',
    example: 'write',
  }).optional(),
  ErrorCode: filter('Code of the error that was answered.', 'NoPermission'),
  SourceIp: filter("The caller's address.", '192.0.2.7'),
  CallId: filter('RequestId of the call.', 'A57FBFD7-FC9A-54FE-A876-4D5E19577186'),
  MaxResults: integer({ min: 1, max: 1000 }, { description: 'Entries per page.', example: '100' }).default(
    100,
  ),
  NextToken: boundedText(MAX_TOKEN_BYTES, {
    description: 'Where to go on, from the answer before; all other filters must be as they were.',
    example: 'v1.Ftx9cc',
  }).optional(),
} satisfies z.ZodRawShape;

/** What the trail tells of a call. */
export const auditRecordFields = z.object({
  Time: text({ description: 'When the call came.', example: '2026-01-01T08:00:00Z' }),
  CallId: text({
    description: 'RequestId of the call.',
    example: 'A57FBFD7-FC9A-54FE-A876-4D5E19577186',
  }),
  Action: text({ description: 'Operation that was called.', example: 'ForbidLiveStream' }),
  Kind: choice(KINDS, { description: 'See the parameter.', example: 'write' }),
  Actor: text({ description: 'Who called.', example: 'user/alice' }).optional(),
  AccessKeyId: text({ description: 'Key that signed.', example: 'LTAI5tExample' }).optional(),
  SourceIp: text({ description: "The caller's address.", example: '192.0.2.7' }),
  Target: text({ description: 'What was named.', example: 'push.example.com/live/room1' }).optional(),
  Result: choice(RESULT_NAMES, {
    description:
      '`Unknown`: the call was begun, and the service ended before its answer or is about to give it.',
    example: 'Success',
  }),
  HttpStatus: count({ description: 'Status of the answer; absent when unknown.', example: '200' }).optional(),
  Code: text({ description: 'Code of the error that was answered.', example: 'NoPermission' }).optional(),
  Effect: text({
    description: 'What the call reached, as JSON.',
    example: '{"Outcome":"Blocked","Publishers":1,"Players":12}',
  }).optional(),
});
