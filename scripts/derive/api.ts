import { COMMON_ERRORS } from '../../src/gateway/errors.ts';
import { apiPages } from '../../src/operations/derive/pages.ts';
import type { PageFacts } from '../../src/operations/derive/pages.ts';
import type { Answer } from '../../src/operations/operation.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { renderSuccess } from '../../src/wire/rpc/envelope.ts';
import { vendorOperations } from '../vendor/operations.ts';
import type { DerivedFile } from './derived-file.ts';

/** The reference of the API, and COVERAGE.md. */
export function apiFiles(): DerivedFile[] {
  return apiPages(OPERATIONS, pageFacts());
}

/** What the pages take from other rooms and from the vendor's table. */
export function pageFacts(): PageFacts {
  const vendorParameters = new Map(
    [...vendorOperations()].map(([name, { parameters }]) => [name, parameters.map((one) => one.name)]),
  );
  return { commonErrors: COMMON_ERRORS, renderXml, vendorParameters };
}

const renderXml: PageFacts['renderXml'] = ({ name: action }, { RequestId, ...body }) => {
  const requestId = String(RequestId);
  return renderSuccess({ action, format: 'xml', body: body as Answer, jsonEnvelope: 'flat', requestId }).text;
};
