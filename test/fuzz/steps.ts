import { Session } from 'node:inspector';

/** What work came to; no clock has a part in it. */
export interface Steps {
  /** Blocks of our own code that were run: every turn of every loop is one. */
  readonly blocks: number;
  /** Bytes and characters that the runtime allocated, copied, decoded or looked through for us. */
  readonly bytes: number;
}

/** Both counters. Make it before the code under `src/` runs for the first time: later it is compiled without counters. */
export class StepCounter implements Disposable {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What `work` costs. It must not wait for anything. */
  count(work: () => void): Steps {
    this.#blocksSoFar();
    const bytes = countBytes(work);
    return { blocks: this.#blocksSoFar(), bytes };
  }

  /** Blocks since it was asked for the last time. */
  #blocksSoFar(): number {
    let blocks = 0;
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      const own = result.filter(({ url }) => url.includes('/src/'));
      for (const { ranges } of own.flatMap(({ functions }) => functions))
        for (const { count } of ranges) blocks += count;
    });
    return blocks;
  }

  [Symbol.dispose](): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }
}

interface Call {
  readonly on: { readonly length: number };
  /** Where an expression begins to look. */
  readonly from: number;
  readonly args: readonly unknown[];
  readonly result: unknown;
}

type Cost = (call: Call) => number;

const lengthOf = (value: unknown): number => (value as { length?: number } | null)?.length ?? 0;
const own: Cost = ({ on }) => on.length;
const made: Cost = ({ result }) => lengthOf(result);
const given: Cost = ({ args: [first] }) => lengthOf(first);
const asked: Cost = ({ args: [size] }) => Number(size);
/** From where it was told to begin to where it found something. */
const found: Cost = ({ on, args: [, from], result }) =>
  (result === -1 ? on.length : Number(result)) - Number(from ?? 0);

/** From where an expression begins to look to the end of what it found; one that looks at one place only and fails, one. */
const looked: Cost = ({ on, from, args: [text], result }) => {
  const { sticky, global } = on as unknown as RegExp;
  const start = sticky || global ? from : 0;
  const match = result as RegExpExecArray | null;
  if (match === null) return sticky ? 1 : lengthOf(text) - start;
  return match.index + match[0].length - start;
};

/** What the runtime does for our readers without running a block of ours, and how much of it. */
const NATIVE: readonly (readonly [owner: object, names: readonly string[], cost: Cost])[] = [
  [Buffer, ['concat', 'from'], made],
  [Buffer, ['alloc', 'allocUnsafe', 'allocUnsafeSlow'], asked],
  [Buffer.prototype, ['toString'], made],
  [Buffer.prototype, ['copy'], ({ result }) => Number(result)],
  [Buffer.prototype, ['indexOf'], found],
  [Buffer.prototype, ['equals'], own],
  [Object.getPrototypeOf(Uint8Array.prototype) as object, ['set'], given],
  [String.prototype, ['indexOf'], found],
  [String.prototype, ['split', 'replace', 'replaceAll', 'trim', 'toLowerCase', 'match'], own],
  [RegExp.prototype, ['exec'], looked],
  [Array.prototype, ['join', 'sort', 'includes', 'indexOf'], own],
  [JSON, ['parse'], given],
  [globalThis, ['decodeURIComponent', 'encodeURIComponent'], given],
];

type AnyFunction = (this: unknown, ...args: readonly unknown[]) => unknown;

/** Runs `work` with the runtime's functions wrapped by counting ones. */
function countBytes(work: () => void): number {
  let bytes = 0;
  const restore = NATIVE.flatMap(([owner, names, cost]) =>
    names.map((name) => {
      const before = Object.getOwnPropertyDescriptor(owner, name);
      if (before === undefined) throw new Error(`there is no ${name}`);
      const original = before.value as AnyFunction;
      const value: AnyFunction = function (...args) {
        const from = this instanceof RegExp ? this.lastIndex : 0;
        const result = Reflect.apply(original, this, args);
        bytes += cost({ on: this as Call['on'], from, args, result });
        return result;
      };
      Object.defineProperty(owner, name, { ...before, value: Object.assign(value, original) });
      return () => Object.defineProperty(owner, name, before);
    }),
  );
  try {
    work();
    return bytes;
  } finally {
    for (const back of restore) back();
  }
}
