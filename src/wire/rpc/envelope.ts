/** A value of a response body. `undefined` and `null` are left out of XML. */
type WireValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly WireValue[]
  | { readonly [name: string]: WireValue };

/** An operation's answer, without its RequestId. */
type WireObject = Readonly<Record<string, WireValue>>;

/** A rendered answer. `contentType` is byte for byte what the vendor sends: Tea clients compare it. */
export interface Rendered {
  readonly contentType: string;
  readonly text: string;
}

export interface SuccessEnvelope {
  readonly action: string;
  readonly format: 'json' | 'xml';
  /** Must have no `Code` but OK, Success, success or 200: pop-core and Ruby throw on any other. */
  readonly body: WireObject;
  /** `wrapped` puts the JSON object under `<Action>Response`, as old samples print it. XML always has that root. */
  readonly jsonEnvelope: 'flat' | 'wrapped';
  readonly requestId: string;
}

/** Every field is a string: the Go cores panic on any other type. */
export interface ErrorEnvelope {
  readonly format: 'json' | 'xml';
  readonly requestId: string;
  readonly hostId: string;
  readonly code: string;
  readonly message: string;
  /** An address where the error is explained. */
  readonly recommend: string;
  /** Who was denied what, with RAM denials. */
  readonly accessDeniedDetail?: Readonly<Record<string, string>> | undefined;
}
const JSON_TYPE = 'application/json;charset=utf-8';
const XML_TYPE = 'text/xml;charset=utf-8';
const XML_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>";

/** Renders an answer, its RequestId first. In XML a list repeats its element, so a wrapped list needs no index. */
export function renderSuccess({ action, format, body, jsonEnvelope, requestId }: SuccessEnvelope): Rendered {
  const fields: WireObject = { RequestId: requestId, ...body };
  const root = `${action}Response`;
  if (format === 'xml') return { contentType: XML_TYPE, text: XML_DECLARATION + element(root, fields) };
  return {
    contentType: JSON_TYPE,
    text: JSON.stringify(jsonEnvelope === 'wrapped' ? { [root]: fields } : fields),
  };
}

/** Renders an error in the vendor's element order, `Recommend` in CDATA. */
export function renderError(error: ErrorEnvelope): Rendered {
  const plain = {
    RequestId: error.requestId,
    HostId: error.hostId,
    Code: error.code,
    Message: error.message,
  };
  const detail =
    error.accessDeniedDetail === undefined ? {} : { AccessDeniedDetail: error.accessDeniedDetail };
  if (error.format === 'json') {
    return {
      contentType: JSON_TYPE,
      text: JSON.stringify({ ...plain, Recommend: error.recommend, ...detail }),
    };
  }
  const recommend = `<Recommend>${cdata(error.recommend)}</Recommend>`;
  const text = `${XML_DECLARATION}<Error>${children(plain)}${recommend}${children(detail)}</Error>`;
  return { contentType: XML_TYPE, text };
}

/** The headers of every answer besides Content-Type. `traceId` is 32 hex digits, `requestId` an upper-case UUID. */
export function responseHeaders(requestId: string, traceId: string): Record<string, string> {
  return {
    'x-acs-request-id': requestId,
    'x-acs-trace-id': traceId,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
    vary: 'Accept-Encoding',
  };
}

function element(name: string, value: WireValue): string {
  if (value === null || value === undefined) return '';
  if (isList(value)) return value.map((item) => element(name, item)).join('');
  const tag = elementName(name);
  return `<${tag}>${typeof value === 'object' ? children(value) : escapeXml(String(value))}</${tag}>`;
}

function children(fields: WireObject): string {
  return Object.entries(fields)
    .map(([name, value]) => element(name, value))
    .join('');
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

/** Names come from declarations, but free-form objects (configurations) may pass through an answer. */
function elementName(name: string): string {
  const safe = name.replace(/[^\w.-]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escapeXml(text: string): string {
  return legalXml(text).replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}

function cdata(text: string): string {
  return `<![CDATA[${legalXml(text).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

/** XML 1.0 has no way to write most control characters, not even escaped; they become U+FFFD. */
function legalXml(text: string): string {
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
