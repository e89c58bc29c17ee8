import { ApiError } from '../operations/api-error.ts';
import type { ApiErrorExtras, ErrorSpec } from '../operations/api-error.ts';

/** The errors that any operation can answer with: those of the gateway, not of one operation. */
export const COMMON_ERRORS = {
  'InvalidAction.NotFound': {
    status: 404,
    message: 'Specified api is not found, please check your url and method.',
  },
  InvalidVersion: { status: 400, message: 'Specified parameter Version is not valid.' },
  MissingVersion: { status: 400, message: 'Version is mandatory for this action.' },
  'InvalidParameter.Format': { status: 400, message: 'Specified parameter format is not valid.' },
  InvalidParameter: { status: 400, message: 'Specified parameter is not valid.' },
  MissingSignature: { status: 400, message: 'Signature is mandatory for this action.' },
  MissingAccessKeyId: { status: 400, message: 'AccessKeyId is mandatory for this action.' },
  MissingSignatureNonce: { status: 400, message: 'SignatureNonce is mandatory for this action.' },
  MissingTimestamp: { status: 400, message: 'Timestamp is mandatory for this action.' },
  'InvalidTimeStamp.Format': {
    status: 400,
    message: 'Specified time stamp or date value is not well formatted.',
  },
  'InvalidTimeStamp.Expired': { status: 400, message: 'Specified time stamp or date value is expired.' },
  'InvalidAccessKeyId.NotFound': { status: 404, message: 'Specified access key is not found.' },
  'InvalidAccessKeyId.Inactive': { status: 400, message: 'Specified access key is disabled.' },
  InvalidSignatureMethod: { status: 400, message: 'Specified signature method is not valid.' },
  IncompleteSignature: {
    status: 400,
    message: 'The request signature does not conform to Aliyun standards.',
  },
  SignatureDoesNotMatch: {
    status: 400,
    message: 'Specified signature is not matched with our calculation.',
  },
  MissingSecurityToken: { status: 400, message: 'SecurityToken is mandatory for this action.' },
  'InvalidSecurityToken.Malformed': { status: 400, message: 'Specified SecurityToken is malformed.' },
  'InvalidSecurityToken.MismatchWithAccessKey': {
    status: 400,
    message: 'Specified SecurityToken mismatch with the AccessKey.',
  },
  'InvalidSecurityToken.Expired': { status: 400, message: 'Specified SecurityToken is expired.' },
  SignatureNonceUsed: { status: 400, message: 'Specified signature nonce was used already.' },
  NoPermission: { status: 403, message: 'You are not authorized to do this action.' },
  'Throttling.User': { status: 400, message: 'Request was denied due to user flow control.' },
  Throttling: { status: 429, message: 'Request was denied due to request throttling.' },
  MalformedRequest: { status: 400, message: 'The request is not well-formed HTTP.' },
  UnsupportedHTTPMethod: { status: 405, message: 'This http method is not supported.' },
  RequestTimeout: { status: 408, message: 'The request did not arrive in time.' },
  RequestEntityTooLarge: { status: 413, message: 'The request body is larger than 1 MiB.' },
  RequestHeaderTooLarge: { status: 431, message: 'The request line and headers are too large.' },
  ServiceUnavailable: {
    status: 503,
    message: 'The request has failed due to a temporary failure of the server.',
  },
  InternalError: {
    status: 500,
    message: 'The request processing has failed due to some unknown error.',
  },
} as const satisfies Readonly<Record<string, ErrorSpec>>;

/** A code of {@link COMMON_ERRORS}. */
export type CommonCode = keyof typeof COMMON_ERRORS;

/** The newest SDKs know by this header only when to try again; milliseconds. */
export function retryAfter(waitMs: number): Record<string, string> {
  return { 'x-acs-retry-after': String(Math.ceil(waitMs)) };
}

/** The error of a common code; `message` where the table's own says too little. */
export function commonError(
  code: CommonCode,
  { message, ...extras }: ApiErrorExtras & { readonly message?: string } = {},
): ApiError {
  const spec = COMMON_ERRORS[code];
  return new ApiError(code, { status: spec.status, message: message ?? spec.message }, extras);
}
