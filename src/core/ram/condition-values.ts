import { AddressRanges } from '../../base/net-address.ts';
import { parseTimestamp } from '../../base/timestamp.ts';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;

/** Reads a decimal number; undefined for anything else, also for what is too large to be one. */
export function readNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const DATE = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/;

/** Minutes east of UTC, or undefined when no clock is set so. */
function readOffset(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * Reads a moment of ISO 8601 as epoch milliseconds: a date and a time with `Z` or an offset, seconds and fraction
 * optional, or a date alone, which is its midnight in UTC. A time without a zone is refused: it would be another
 * moment for whoever wrote it than for us.
 */
export function readDate(text: string): number | undefined {
  const [, day = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = DATE.exec(text) ?? [];
  const local = parseTimestamp(`${day}T${minute}:${second}Z`);
  const offset = readOffset(zone);
  if (local === undefined || offset === undefined) return undefined;
  return local - offset * 60_000 + Math.trunc(Number(`0${fraction}`) * 1000);
}

/** Reads `true` or `false`, in any case. */
export function readBool(text: string): boolean | undefined {
  const value = text.toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

const IPV4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}(\/\d{1,2})?$/;
const IPV6 = /^(?:[\da-f]*:)+[\da-f.]*(\/\d{1,3})?$/i;
/** Characters of the longest IPv6 address with an IPv4 part and a prefix length; more is not worth a look. */
const LONGEST_RANGE = 49;
/** A byte such as 010, which some read as 8 and some as 10. */
const OCTAL = /[:.]0\d+\.|\.0\d/;

/** Whether the text is an address or a CIDR range, in the usual spelling: the library also takes `10` and `0x7f.1`. */
export function isAddressRange(text: string): boolean {
  if (text.length > LONGEST_RANGE) return false;
  if (!IPV4.test(text) && (!IPV6.test(text) || OCTAL.test(text))) return false;
  try {
    new AddressRanges([text]);
    return true;
  } catch {
    return false;
  }
}
