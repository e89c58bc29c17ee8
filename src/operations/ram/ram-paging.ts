import type { z } from 'zod';
import { integer, text, truth } from '../fields.ts';
import { patternText } from './ram-fields.ts';

/** The parameters of RAM's long lists. */
export const pageParameters = {
  Marker: patternText('as the answer before gave it', /^[\w-]{1,200}$/, {
    description: 'Where to go on; absent: at the beginning.',
    example: 'YWxpY2U',
  }).optional(),
  MaxItems: integer({ min: 1, max: 1000 }, { description: 'Entries per page.', example: '100' }).default(100),
} satisfies z.ZodRawShape;

/** What the answer of a long list tells of the rest. */
export const pageAnswerFields = {
  IsTruncated: truth({ description: 'Whether there are more entries.', example: 'false' }),
  Marker: text({
    description: '`Marker` of the next call; only when there are more.',
    example: 'YWxpY2U',
  }).optional(),
} satisfies z.ZodRawShape;

/** One page of a list and the values of {@link pageAnswerFields}. */
export interface MarkedPage<T> {
  readonly items: readonly T[];
  readonly answer: { readonly IsTruncated: boolean; readonly Marker: string | undefined };
}

/**
 * One page in the order of names (`nameOf`; no two are the same). The marker is the last name of the page before it, so
 * that whatever comes and goes meanwhile neither repeats nor hides another entry.
 */
export function markedPage<T>(
  all: Iterable<T>,
  nameOf: (item: T) => string,
  { Marker, MaxItems }: { readonly Marker?: string | undefined; readonly MaxItems: number },
): MarkedPage<T> {
  const after = Marker === undefined ? '' : Buffer.from(Marker, 'base64url').toString();
  const rest = [...all]
    .filter((item) => nameOf(item) > after)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const items = rest.slice(0, MaxItems);
  const last = items.at(-1);
  const IsTruncated = rest.length > items.length;
  const marker = IsTruncated && last ? Buffer.from(nameOf(last)).toString('base64url') : undefined;
  return { items, answer: { IsTruncated, Marker: marker } };
}
