import type { ErrorSpec } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import { coveragePage } from './coverage-page.ts';
import type { VendorParameters } from './coverage-page.ts';
import { errorsPage, indexPage, ramActionsPage } from './index-pages.ts';
import type { Page } from './markdown.ts';
import { operationPage } from './operation-page.ts';
import type { RenderXml } from './operation-page.ts';
import { samplesPage } from './samples-page.ts';

/** What the pages say besides the operations. */
export interface PageFacts {
  /** What any operation can answer. */
  readonly commonErrors: Readonly<Record<string, ErrorSpec>>;
  readonly renderXml: RenderXml;
  readonly vendorParameters: VendorParameters;
}

/** The reference of the API and what is here of the vendor's. Whatever else is in `docs/4-api` is stale. */
export function apiPages(
  operations: readonly Operation[],
  { commonErrors, renderXml, vendorParameters }: PageFacts,
): Page[] {
  return [
    indexPage(operations),
    errorsPage(operations, commonErrors),
    ramActionsPage(operations),
    coveragePage(operations, vendorParameters),
    ...operations.map((operation) => operationPage(operation, renderXml)),
    ...operations.map(samplesPage),
  ];
}
