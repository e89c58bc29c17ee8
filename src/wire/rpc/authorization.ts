import { signedHeaderNames } from './headers.ts';

/** An `Authorization` header of the vendor's form: `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`. */
export interface Authorization {
  readonly algorithm: string;
  /** Empty when the field is missing, as the next two. */
  readonly credential: string;
  /** As sent, because the canonical request repeats it. */
  readonly signedHeaders: string;
  /** The names in it, in lower case and in their order; one empty name when there is none. */
  readonly signedNames: readonly string[];
  readonly signature: string;
}

/**
 * Reads the fields by name, because Java puts `Signature` before `SignedHeaders`. Returns `undefined` for a header of
 * another kind (`Basic`, `Bearer`).
 */
export function parseAuthorization(text: string): Authorization | undefined {
  const trimmed = text.trim();
  const algorithm = /^ACS[34]-\S*/.exec(trimmed)?.[0];
  if (algorithm === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const field of trimmed.slice(algorithm.length).split(',')) {
    const equals = field.indexOf('=');
    if (equals !== -1) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const signedHeaders = fields.get('SignedHeaders') ?? '';
  return {
    algorithm,
    credential: fields.get('Credential') ?? '',
    signedHeaders,
    signedNames: signedHeaderNames(signedHeaders),
    signature: fields.get('Signature') ?? '',
  };
}
