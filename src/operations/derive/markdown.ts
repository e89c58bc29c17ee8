import { posix } from 'node:path';

/** A page of the documents; `file` is relative to the repository. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

/** The first line of every page that is made here. */
export const NOTE = '<!-- Made from src/operations by `npm run derive`; do not edit. -->';

/** A table; cells may hold any text of one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A block of code in a fence that the text does not have. */
export function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** A link from one file of the repository to another. */
export function link(text: string, from: string, to: string): string {
  return `[${text}](${posix.relative(posix.dirname(from), to)})`;
}
