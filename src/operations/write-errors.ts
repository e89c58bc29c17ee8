/** Errors of operations that write. */
export const WRITE_ERRORS = {
  SignatureNonceUsed: { status: 400, message: 'Specified signature nonce was used already.' },
} as const;
