/** What is known of a session that was opened with AssumeRole. */
export interface SessionClaims {
  /** `STS.` and more; the key id of the session. */
  readonly accessKeyId: string;
  readonly accountId: string;
  readonly roleId: string;
  readonly sessionName: string;
  /** The policy that narrows the role, as it was given (JSON); null: none. */
  readonly policy: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The credentials of a session. */
export interface IssuedSession {
  readonly accessKeyId: string;
  readonly secret: string;
  /** The claims, sealed; goes with every call. */
  readonly token: string;
}

/**
 * Makes and opens sessions. Nothing is stored: the token carries the claims under the master key, and the secret derives
 * from the key id, so that sessions hold on every node and over a restart.
 */
export interface SessionVault {
  issue(claims: Omit<SessionClaims, 'accessKeyId'>): IssuedSession;
  /** The secret of a session's key id, or undefined when the id was not made here. */
  secretOf(accessKeyId: string): string | undefined;
  /** The claims of a token, or undefined when it was not made here. */
  open(token: string): SessionClaims | undefined;
}
