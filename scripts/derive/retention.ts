import { FEED_RETENTION, retention } from '../../src/store/retention.ts';
import type { DerivedFile } from './derived-file.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The page of how long what is kept. */
export function retentionFiles(): DerivedFile[] {
  const rows = retention.map(({ doc, table, file, ageMs, rows: most }) =>
    row([doc, table, file, age(ageMs), count(most)]),
  );
  const feed = row([
    'Changes that other processes follow',
    'changes',
    'sluice.db',
    age(FEED_RETENTION.ageMs),
    count(FEED_RETENTION.rows),
  ]);
  return [{ file: 'docs/3-operate/retention.md', text: page([...rows, feed]) }];
}

function row([doc = '', table = '', ...rest]: readonly string[]): string {
  return `| ${[doc, `\`${table}\``, ...rest].join(' | ')} |`;
}

function age(ms: number): string {
  if (ms === 0) return 'until it expires';
  return ms < DAY ? `${ms / HOUR} h` : `${ms / DAY} days`;
}

function count(rows: number | null): string {
  return rows === null ? 'by the limits of the calls' : rows.toLocaleString('en');
}

function page(rows: readonly string[]): string {
  return `<!-- Made from src/store/retention.ts by \`npm run derive\`; do not edit. -->

# What is kept, and for how long

Every table that grows by use has a bound; a sweep every minute removes what is over it, oldest first. A row goes when it
is too old or when there are too many. Of \`audit\` and \`read_audit\` the account with the most rows loses them first: no account
can push out the lines of another that has no more than its equal share.

| What | Table | File | Kept | Rows at most |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Blocks are kept until they end or are resumed; an account may have 10,000 in force. Access keys are kept until they are
deleted. \`sluice.db\` is durable: a call that was answered survives a power cut. \`sluice-log.db\` may lose its last seconds
in a power cut.
`;
}
