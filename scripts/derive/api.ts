import { COMMON_ERRORS } from '../../src/gateway/errors.ts';
import { apiPages } from '../../src/operations/derive/pages.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import type { DerivedFile } from './derived-file.ts';

/** The reference of the API. */
export const apiFiles = (): DerivedFile[] => apiPages(OPERATIONS, COMMON_ERRORS);
