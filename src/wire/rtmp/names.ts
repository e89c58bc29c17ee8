/** What a tcUrl says beside the app, which `connect` names itself. */
export interface TcUrl {
  /** As spelled, without user, port and the brackets of an IPv6 address. */
  host?: string;
  query: URLSearchParams;
}

const TC_URL =
  /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#[\]]*)(?::[^/?#]*)?(?:\/[^?#]*)?(?:\?([^#]*))?/i;

/** The longest tcUrl that is looked at, in characters. */
const MAX_TC_URL = 4096;

/** Takes `rtmp://host[:port]/app[?query]` apart; parts that are missing or nonsense are left out. Never throws. */
export function parseTcUrl(url: string): TcUrl {
  const match = url.length <= MAX_TC_URL ? TC_URL.exec(url) : null;
  const host = match?.[1]?.replace(/^\[|\]$/g, '');
  return {
    ...(host ? { host } : {}),
    query: new URLSearchParams(match?.[2] ?? ''),
  };
}

/** Splits `cam1?auth_key=...` (a stream name or an app) at its first question mark. Never throws. */
export function splitName(name: string): { name: string; query: URLSearchParams } {
  const at = name.indexOf('?');
  if (at < 0) return { name, query: new URLSearchParams() };
  return { name: name.slice(0, at), query: new URLSearchParams(name.slice(at + 1)) };
}
