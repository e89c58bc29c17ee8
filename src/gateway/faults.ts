import type { TestControls } from '../core/test-controls.ts';
import type { Fault } from '../core/test-faults.ts';
import type { CallLimit, Operation } from '../operations/operation.ts';
import { commonError, retryAfter } from './errors.ts';

/** What a call of a service in test mode is held against. */
export interface FaultedCall {
  readonly operation: Operation;
  readonly controls: TestControls | undefined;
}

/**
 * Throttles a call when its next fault says so; the caller is told to wait for as long as one call too many would.
 * @throws ApiError `Throttling.User`
 */
export function throttleByFault(call: FaultedCall, limit: CallLimit): void {
  const fault = nextFault(call);
  if (fault?.kind !== 'throttle') return;
  fault.hits++;
  throw commonError('Throttling.User', { headers: retryAfter((limit.perSeconds * 1000) / limit.calls) });
}

/** Holds up or fails a call when its next fault says so, before the operation. @throws ApiError */
export async function sufferFault(call: FaultedCall): Promise<void> {
  const fault = nextFault(call);
  // One that was throttled would not be here.
  if (!fault || fault.kind === 'throttle') return;
  fault.hits++;
  if (fault.kind === 'error500') throw commonError('InternalError');
  if (fault.kind === 'unavailable') throw commonError('ServiceUnavailable');
  await call.controls?.faults.hold(fault.delayMs);
}

function nextFault({ operation, controls }: FaultedCall): Fault | undefined {
  return operation.testMode ? undefined : controls?.faults.next(operation.name);
}
