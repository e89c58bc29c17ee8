import type { ErrorSpec } from '../api-error.ts';

type Errors = Readonly<Record<string, ErrorSpec>>;

const text = (description: string, example: string): object => ({
  type: 'string',
  description,
  examples: [example],
});

/** The envelope of an error. */
export const ERROR_SCHEMA = {
  type: 'object',
  xml: { name: 'Error' },
  properties: {
    RequestId: text('Identifies the call.', 'A57FBFD7-FC9A-54FE-A876-4D5E19577186'),
    HostId: text('Name of the service.', 'live.aliyuncs.com'),
    Code: text('What is wrong.', 'InvalidAction.NotFound'),
    Message: text(
      'What is wrong, in words.',
      'Specified api is not found, please check your url and method.',
    ),
    Recommend: text('Where the code is explained.', 'docs/4-api/errors.md#invalidactionnotfound'),
    AccessDeniedDetail: {
      type: 'object',
      description: 'Who was denied what; only with `NoPermission`.',
      additionalProperties: { type: 'string' },
    },
  },
  required: ['RequestId', 'HostId', 'Code', 'Message', 'Recommend'],
} as const;

/** The responses that `paths`, as JSON, refers to: of statuses that any operation can have and one adds no code to. */
export function commonResponses(common: Errors, paths: string): Readonly<Record<string, object>> {
  const responses = [...byStatus(common)]
    .filter(([status]) => paths.includes(JSON.stringify(commonReference(status))))
    .map(([status, codes]) => [`Common${status}`, response(codes)]);
  return Object.fromEntries(responses) as Record<string, object>;
}

function commonReference(status: number): object {
  return { $ref: `#/components/responses/Common${status}` };
}

/** The error responses of an operation by status: what it declares, and what any operation can answer. */
export function errorResponses(declared: Errors, common: Errors): Readonly<Record<string, object>> {
  const own = byStatus(declared);
  const all = [...byStatus({ ...common, ...declared })].map(([status, codes]) => [
    String(status),
    own.has(status) ? response(codes) : commonReference(status),
  ]);
  return Object.fromEntries(all) as Record<string, object>;
}

/** Codes by status; those that cannot occur here are left out. */
function byStatus(errors: Errors): Map<number, string[]> {
  const codes = new Map<number, string[]>();
  for (const [code, { status, neverHere }] of Object.entries(errors))
    if (neverHere === undefined) codes.set(status, [...(codes.get(status) ?? []), code]);
  return codes;
}

function response(codes: readonly string[]): object {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Error' }],
    type: 'object',
    properties: { Code: { type: 'string', enum: [...codes].sort() } },
  };
  return {
    description: [...codes].sort().join(', '),
    headers: {
      'x-acs-request-id': { $ref: '#/components/headers/RequestId' },
      ...(codes.some((code) => code.startsWith('Throttling')) && {
        'x-acs-retry-after': { $ref: '#/components/headers/RetryAfter' },
      }),
    },
    content: { 'application/json': { schema }, 'text/xml': { schema } },
  };
}
