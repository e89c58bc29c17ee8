/** HTTP status and message of an error code. */
export interface ErrorSpec {
  readonly status: number;
  readonly message: string;
  /** Why the vendor's code cannot occur here; absent: it can, and a test produces it. */
  readonly neverHere?: string;
}

/** Further parts of an error answer. */
export interface ApiErrorExtras {
  /** Who was denied what, with RAM denials. */
  readonly accessDeniedDetail?: Readonly<Record<string, string>>;
  /** Headers of the answer besides the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that the API declares: its code, status and message go to the caller as they are. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly extras: ApiErrorExtras;

  constructor(code: string, { status, message }: ErrorSpec, extras: ApiErrorExtras = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.extras = extras;
  }
}
