/** Codes with which a request is refused before its operation is reached. All of them are HTTP 400. */
type RefusalCode =
  | 'IncompleteSignature'
  | 'InvalidParameter'
  | 'InvalidSignatureMethod'
  | 'MissingSignature'
  | 'SignatureDoesNotMatch';

/** Why a request is refused, in the words that its caller gets. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/** The signature is missing a part or is of a kind that is not spoken here; `detail` is a sentence saying which. */
export function incompleteSignature(detail: string): Refusal {
  return {
    code: 'IncompleteSignature',
    message: `The request signature does not conform to Aliyun standards. ${detail}`,
  };
}

/**
 * A parameter that the protocol itself cannot take; `detail` continues the sentence. Of the name, which is the caller's
 * and may fill the request, the first 100 characters are told.
 */
export function invalidParameter(name: string, detail: string): Refusal {
  const told = /^.{0,100}/su.exec(name)?.[0] ?? '';
  return { code: 'InvalidParameter', message: `Specified parameter ${told} is not valid, ${detail}.` };
}

/**
 * The wording that four SDKs compare with their own string to sign: no space after the colon and nothing after the
 * string, and no colon before it.
 */
export function signatureDoesNotMatch(stringToSign: string): Refusal {
  return {
    code: 'SignatureDoesNotMatch',
    message: `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`,
  };
}
