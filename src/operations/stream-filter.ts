import { z } from 'zod';
import { canonicalName } from '../core/names.ts';
import { choice } from './fields.ts';
import type { FieldDoc } from './fields.ts';

/** A name to compare with those of streams, spelled as the keys of streams are. */
const nameFilter = (doc: FieldDoc) =>
  z
    .string()
    .transform((value, context) => {
      const name = canonicalName(value);
      if (name !== undefined) return name;
      context.addIssue('not a name');
      return z.NEVER;
    })
    .meta({ ...doc, type: 'String' })
    .optional();

/** Only streams of this app. */
export const appFilter = nameFilter({
  description: 'Only streams of this app; case counts.',
  example: 'live',
});

/** Only streams of this name. */
export const streamFilter = nameFilter({
  description: 'Only streams of this name; case counts.',
  example: 'room1',
});

/** How StreamName is matched. */
export const queryType = choice(['fuzzy', 'strict'], {
  description: '`fuzzy`: StreamName is a part of the name; `strict`: the whole name.',
  example: 'strict',
}).default('fuzzy');

/** Which streams are listed; there are none but published (`raw`) ones here. */
export const streamType = choice(['all', 'raw', 'trans'], {
  description: '`raw`: as published, `trans`: transcoded (there are none here).',
  example: 'all',
}).default('all');
