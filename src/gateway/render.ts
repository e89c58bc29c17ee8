import { StoreUnavailableError } from '../base/errors.ts';
import { ApiError } from '../operations/api-error.ts';
import { renderError, renderSuccess, responseHeaders } from '../wire/rpc/envelope.ts';
import type { Rendered } from '../wire/rpc/envelope.ts';
import { commonError } from './errors.ts';
import type { Exchange, HttpAnswer, Outcome } from './exchange.ts';
import type { GatewaySettings } from './settings.ts';

/** Turns whatever was thrown into what the caller may know of it. The only place where this is decided. */
export function translate(thrown: unknown): Outcome {
  if (thrown instanceof ApiError) return { ok: false, error: thrown };
  const code = thrown instanceof StoreUnavailableError ? 'ServiceUnavailable' : 'InternalError';
  return { ok: false, error: commonError(code), cause: thrown };
}

/** Writes the answer in the vendor's envelope. */
export function render(exchange: Exchange, outcome: Outcome, settings: GatewaySettings): HttpAnswer {
  const { requestId } = exchange;
  const rendered = outcome.ok
    ? renderSuccess({
        action: exchange.operation?.name ?? '',
        format: exchange.format,
        body: outcome.answer,
        jsonEnvelope: settings.jsonEnvelope,
        requestId,
      })
    : renderFailure(exchange, outcome.error, settings);
  const headers = {
    'content-type': rendered.contentType,
    ...responseHeaders(requestId, requestId.replaceAll('-', '').toLowerCase()),
    ...(outcome.ok ? {} : outcome.error.extras.headers),
  };
  return { status: outcome.ok ? 200 : outcome.error.status, headers, body: rendered.text };
}

function renderFailure(
  { format, requestId, operation }: Exchange,
  error: ApiError,
  settings: GatewaySettings,
): Rendered {
  const { errorsUrl } = settings;
  const product = operation?.product ?? 'live';
  const hostId = product === 'live' ? settings.hostId : `${product}.aliyuncs.com`;
  const { code, message } = error;
  const { accessDeniedDetail } = error.extras;
  const recommend = `${errorsUrl}#${errorAnchor(code)}`;
  return renderError({ format, requestId, hostId, code, message, recommend, accessDeniedDetail });
}

/** The anchor of a code in the list of errors, as Markdown renderers make it of the heading. */
function errorAnchor(code: string): string {
  return code.toLowerCase().replaceAll('.', '');
}
