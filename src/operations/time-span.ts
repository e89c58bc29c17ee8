import type { Fail } from './operation.ts';
import { time } from './fields.ts';

const DAY_MS = 86_400_000;

/** The longest span of time that a history may be asked for. */
const MAX_SPAN_DAYS = 30;

/** Begin of the span. */
export const startTime = time({
  description: `Begin of the span, inclusive. The span may be ${MAX_SPAN_DAYS} days long.`,
  example: '2026-01-01T00:00:00Z',
});

/** End of the span. */
export const endTime = time({
  description: 'End of the span, inclusive; later than StartTime.',
  example: '2026-01-02T00:00:00Z',
});

/** Errors of operations that take a span; the spelling of the message is the vendor's. */
export const SPAN_ERRORS = {
  'InvalidEndTime.Mismatch': {
    status: 400,
    message: 'Specified end time does not math the specified start time.',
  },
} as const;

/**
 * The span as the store takes it: the last second counts whole, because the API knows no fractions.
 * @throws ApiError for a span that is empty, backwards or too long.
 */
export function spanOf(
  { StartTime, EndTime }: { StartTime: number; EndTime: number },
  fail: Fail<keyof typeof SPAN_ERRORS>,
): { from: number; to: number } {
  const isSpan = StartTime < EndTime && EndTime - StartTime <= MAX_SPAN_DAYS * DAY_MS;
  if (!isSpan) throw fail('InvalidEndTime.Mismatch');
  return { from: StartTime, to: EndTime + 999 };
}
