import type { z } from 'zod';
import type { PageRequest } from '../core/ports.ts';
import { count, integer } from './fields.ts';

/** Number of the page, from 1. The upper bound only keeps the arithmetic exact. */
export const pageNumber = integer(
  { min: 1, max: 1_000_000_000 },
  { description: 'Page to return, counted from 1; a page beyond the end is empty.', example: '1' },
).default(1);

/** Entries per page, as the vendor bounds them. */
export const pageSize = integer(
  { min: 1, max: 3000 },
  { description: 'Entries per page.', example: '100' },
).default(2000);

/** The fields that tell where in a list an answer is. */
export const pageFields = {
  PageNum: count({ description: 'Page that is returned.', example: '1' }),
  PageSize: count({ description: 'Entries per page.', example: '2000' }),
  TotalNum: count({ description: 'Entries in all.', example: '1' }),
  TotalPage: count({ description: 'Pages in all.', example: '1' }),
} satisfies z.ZodRawShape;

/** The values of {@link pageFields}. */
export function pageAnswer(request: PageRequest, total: number): Record<keyof typeof pageFields, number> {
  return {
    PageNum: request.pageNumber,
    PageSize: request.pageSize,
    TotalNum: total,
    TotalPage: Math.ceil(total / request.pageSize),
  };
}
