/** One reading of everything that a benchmark measures, by the key of the measure. */
export type Readings = Readonly<Record<string, number>>;

/** What is measured: one running server, or one way to do the work. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  /** One round: puts the load on and reads what it cost. The first one of each subject is its warm-up. */
  measure(): Promise<Readings>;
}

/** What a measure has to keep. `ratio` compares ours with the peer in the same round; else the median itself counts. */
export interface Target {
  readonly of: 'value' | 'ratio';
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
}

/** One line of the table. */
export interface Measure {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  /** Digits after the point; 0 when absent. */
  readonly digits?: number;
  readonly target?: Target;
}

/** How long and how often. */
export interface Pace {
  /** Proves only that the benchmark works. */
  readonly quick: boolean;
  readonly rounds: number;
  /** A folder for processor profiles of our process, which then runs slower; undefined: none. */
  readonly profiles: string | undefined;
}

/** One load, ours and a peer under it. */
export interface Benchmark {
  /** As it is named on the command line. */
  readonly name: string;
  readonly title: string;
  /** What is done and what the figures mean, in one paragraph of Markdown. */
  readonly about: string;
  readonly measures: readonly Measure[];
  /** Starts what is compared: ours first, then the peer; a peer that is not installed is left out. */
  open(pace: Pace): Promise<readonly [Subject, ...Subject[]]>;
}

/** Readings of all rounds, by subject; the first subject is ours. */
export interface Result {
  readonly benchmark: Benchmark;
  readonly subjects: readonly { readonly name: string; readonly rounds: readonly Readings[] }[];
}

/**
 * Runs a benchmark: every subject warms up, then they take turns, so that what the machine does otherwise meets them
 * alike. `say` gets one line of progress for each reading.
 */
export async function runBenchmark(
  benchmark: Benchmark,
  pace: Pace,
  say: (line: string) => void,
): Promise<Result> {
  const subjects = await benchmark.open(pace);
  const taken = subjects.map((subject) => ({ subject, name: subject.name, rounds: [] as Readings[] }));
  try {
    for (let round = 0; round <= pace.rounds; round++) {
      for (const { subject, name, rounds } of taken) {
        const readings = await subject.measure();
        const what = round === 0 ? 'warm-up' : `round ${round} of ${pace.rounds}`;
        say(`${benchmark.name}, ${name}, ${what}: ${inWords(benchmark, readings)}`);
        if (round > 0) rounds.push(readings);
      }
    }
  } finally {
    for (const subject of subjects) await subject[Symbol.asyncDispose]();
  }
  return { benchmark, subjects: taken.map(({ name, rounds }) => ({ name, rounds })) };
}

function inWords({ measures }: Benchmark, readings: Readings): string {
  return measures
    .flatMap(({ key, unit, digits }) => {
      const value = readings[key];
      return value === undefined ? [] : [`${format(value, digits)} ${unit}`];
    })
    .join(', ');
}

/** A figure for a table. */
export function format(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
