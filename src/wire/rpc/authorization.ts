/** An `Authorization` header of the vendor's form: `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`. */
export interface Authorization {
  readonly algorithm: string;
  /** Empty when the field is missing, as the next two. */
  readonly credential: string;
  /** As sent, because the canonical request repeats it. */
  readonly signedHeaders: string;
  readonly signature: string;
}

/**
 * Reads the fields by name, because Java puts `Signature` before `SignedHeaders`. Returns `undefined` for a header of
 * another kind (`Basic`, `Bearer`).
 */
export function parseAuthorization(text: string): Authorization | undefined {
  const kind = /^(ACS[34]-\S*)(.*)$/s.exec(text.trim());
  if (kind === null) return undefined;
  const fields = new Map<string, string>();
  for (const field of (kind[2] ?? '').split(',')) {
    const equals = field.indexOf('=');
    if (equals !== -1) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  return {
    algorithm: kind[1] ?? '',
    credential: fields.get('Credential') ?? '',
    signedHeaders: fields.get('SignedHeaders') ?? '',
    signature: fields.get('Signature') ?? '',
  };
}
