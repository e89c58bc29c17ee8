import type { Operation } from '../operations/operation.ts';
import type { ApiError } from '../operations/api-error.ts';
import type { Answer, CallEffect } from '../operations/operation.ts';
import type { RawRequest, RpcRequest } from '../wire/rpc/request.ts';
import type { Identity } from './authenticate.ts';

/** A call as the server received it. */
export interface GatewayInput {
  readonly raw: RawRequest;
  /** The caller's address, without port. */
  readonly clientAddress: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

/** One call on its way through the stages: what it is, and what is known of it so far. */
export interface Exchange {
  readonly input: GatewayInput;
  readonly request: RpcRequest;
  readonly format: 'json' | 'xml';
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  operation?: Operation;
  identity?: Identity;
  /** What the call names; see targetOf in resources.ts. */
  target?: string | null;
  /** What the operation says that it reached. */
  effect?: CallEffect;
}

/** How a call ended. `cause` is for the log only. */
export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: ApiError; readonly cause?: unknown };

/** An answer as the server sends it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
