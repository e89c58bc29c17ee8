import type { Page, PageRequest } from './ports.ts';

/** One page of a list in memory; a page beyond the end is empty. */
export function pageOf<T>(items: readonly T[], { pageNumber, pageSize }: PageRequest): Page<T> {
  const from = (pageNumber - 1) * pageSize;
  return { total: items.length, items: items.slice(from, from + pageSize) };
}
