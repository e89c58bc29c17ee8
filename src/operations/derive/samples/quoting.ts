/** Text as UTF-8 can say it. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** A string of TypeScript, Python and Go: their escapes contain those of JSON. Line and byte order marks are escaped. */
export function doubleQuoted(text: string): string {
  return escapeUnits(JSON.stringify(wellFormed(text)), /[\x7f-\x9f\u2028\u2029\ufeff]/g);
}

/** A string of Java and C# in ASCII: their compilers may read a source in any encoding. */
export function asciiQuoted(text: string): string {
  return escapeUnits(JSON.stringify(wellFormed(text)), /[^\x20-\x7e]/g);
}

function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A string of PHP: in single quotes where that can be read, else with its control characters escaped. */
export function phpQuoted(text: string): string {
  const whole = wellFormed(text);
  if (!hasControls(whole)) return `'${whole.replace(/[\\']/g, '\\$&')}'`;
  const escaped = whole.replace(/[\\"$]/g, '\\$&').replace(CONTROLS, (control) => `\\u{${hexOf(control)}}`);
  return `"${escaped}"`;
}

/**
 * A word of a POSIX shell.
 * @throws RangeError for a text with U+0000, which no argument of a program can hold
 */
export function shellQuoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('an argument of a program cannot hold U+0000');
  return `'${wellFormed(text).replaceAll("'", `'\\''`)}'`;
}

/** What an editor or a terminal would change or not show. */
const CONTROLS = /\p{Cc}/gu;

function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

function hexOf(control: string): string {
  return control.charCodeAt(0).toString(16);
}
