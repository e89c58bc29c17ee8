import { UsageError } from './io.ts';

/** Reads the value of an option that lists show in a line: 1 to 128 characters, none of them a control character. */
export function oneLine(flag: string): (value: string) => string {
  return (value) => {
    const text = value.trim();
    if (/^[^\p{Cc}]{1,128}$/u.test(text)) return text;
    throw new UsageError(`${flag} must be one line of 1 to 128 characters`);
  };
}
