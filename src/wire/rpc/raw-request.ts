/** An HTTP request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  /** The request target with its query, still encoded. */
  readonly target: string;
  /** As sent: order and case kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The payload without its chunking. */
  readonly body: Uint8Array;
}
