const UNRESERVED = /^[A-Za-z0-9\-_.~]*$/;

/**
 * Percent-encodes as RFC 3986 and the vendor's signatures want it: everything but `A-Z a-z 0-9 - _ . ~` becomes
 * the upper-case `%XX` of its UTF-8 bytes. A lone surrogate is encoded as U+FFFD.
 */
export function encodeRfc3986(text: string): string {
  if (UNRESERVED.test(text)) return text;
  try {
    return encodeReserved(text);
  } catch {
    return encodeReserved(Buffer.from(text, 'utf8').toString('utf8'));
  }
}

function encodeReserved(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
