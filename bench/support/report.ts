import { format } from './benchmark.ts';
import type { Measure, Result, Target } from './benchmark.ts';
import type { Share } from './profile.ts';
import { median } from './statistics.ts';

/** Shares below this are summed up. */
const SMALLEST_SHARE = 0.02;

/** What came out for one measure. */
export interface Outcome {
  readonly ours: Spread;
  readonly peer: Spread | undefined;
  /** Ours to the peer's, round by round. */
  readonly ratio: Spread | undefined;
  /** Undefined without a target, or when the peer that it needs is missing. */
  readonly holds: boolean | undefined;
}

/** The middle of all rounds, the least and the most. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

function spreadOf(samples: readonly number[]): Spread | undefined {
  if (samples.length === 0) return undefined;
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) };
}

/** Sums up one measure of all rounds. @throws Error when ours was not read */
export function outcomeOf({ subjects }: Result, { key, target }: Measure): Outcome {
  const [mine = [], theirs = []] = subjects.map(({ rounds }) =>
    rounds.flatMap((readings) => readings[key] ?? []),
  );
  const ours = spreadOf(mine);
  if (!ours) throw new Error(`nobody read ${key}`);
  const peer = spreadOf(theirs);
  const ratios = mine.slice(0, theirs.length).map((value, i) => value / (theirs[i] ?? NaN));
  // Nothing is a multiple of nothing.
  const ratio = ratios.every(Number.isFinite) ? spreadOf(ratios) : undefined;
  return { ours, peer, ratio, holds: target && holds(target, target.of === 'value' ? ours : ratio) };
}

function holds({ bound, limit }: Target, spread: Spread | undefined): boolean | undefined {
  if (!spread) return undefined;
  return bound === 'at most' ? spread.median <= limit : spread.median >= limit;
}

/** What the page says of one benchmark. */
export function sectionOf(
  result: Result,
  { machine, shares }: { machine: string; shares: readonly Share[] },
): string {
  const { about } = result.benchmark;
  const parts = [about.replaceAll('\n', ' '), tableOf(result)];
  if (shares.length > 0)
    parts.push(`Where the time goes (ours, V8’s profile of one round): ${sharesInWords(shares)}.`);
  return [...parts, `_${machine}._`].join('\n\n');
}

function sharesInWords(shares: readonly Share[]): string {
  const large = shares.filter(({ share }) => share >= SMALLEST_SHARE);
  const rest = 1 - large.reduce((sum, { share }) => sum + share, 0);
  const all = [...large, { place: 'all others', share: rest }];
  return all.map(({ place, share }) => `${place} ${Math.round(share * 100)} %`).join(', ');
}

/** The table of a benchmark, in Markdown: median and, in brackets, the least and the most of all rounds. */
function tableOf(result: Result): string {
  const { benchmark, subjects } = result;
  const [ours, peer] = subjects.map(({ name }) => name);
  const head = ['', ours ?? '', ...(peer === undefined ? [] : [peer, 'ratio']), 'target', ''];
  const rows = benchmark.measures.map((measure) => {
    const outcome = outcomeOf(result, measure);
    const show = (spread: Spread | undefined, digits: number | undefined): string =>
      spread ? inWords(spread, digits) : '';
    return [
      `${measure.label}, ${measure.unit}`,
      show(outcome.ours, measure.digits),
      ...(peer === undefined ? [] : [show(outcome.peer, measure.digits), show(outcome.ratio, 2)]),
      measure.target ? targetInWords(measure.target) : '',
      outcome.holds === undefined ? '' : outcome.holds ? 'holds' : '**misses**',
    ];
  });
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inWords({ median: middle, min, max }: Spread, digits: number | undefined): string {
  return `${format(middle, digits)} (${format(min, digits)}–${format(max, digits)})`;
}

function targetInWords({ of, bound, limit }: Target): string {
  return `${of === 'ratio' ? 'ratio ' : ''}${bound === 'at most' ? '≤' : '≥'} ${limit}`;
}
