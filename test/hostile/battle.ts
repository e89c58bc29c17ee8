import { expect } from 'vitest';
import { until } from '../support/wait.ts';
import { Canary } from './canary.ts';
import { startTarget } from './target.ts';
import type { Holdings, Target } from './target.ts';

/** A service in a process of its own and a canary that plays on it, and how both were before the first attack. */
export class Battle implements AsyncDisposable {
  readonly target: Target;
  readonly canary: Canary;
  readonly #atRest: Holdings;
  readonly #memoryAtRest: number;

  private constructor(target: Target, canary: Canary, atRest: Holdings) {
    this.target = target;
    this.canary = canary;
    this.#atRest = atRest;
    this.#memoryAtRest = target.markMemory();
  }

  /** Flags as of `sluice serve`. */
  static async begin(...flags: string[]): Promise<Battle> {
    const target = await startTarget(...flags);
    const canary = await Canary.start(target);
    await canary.beat();
    return new Battle(target, canary, await target.holdings());
  }

  /**
   * The process lives and has found no fault of its own, its memory never grew by more than `growth`, and all that the
   * attackers held is given back.
   */
  async expectUnharmed(growth: number): Promise<void> {
    expect(this.target.isAlive()).toBe(true);
    const wanted = JSON.stringify(this.#atRest);
    const isAtRest = async (): Promise<boolean> => JSON.stringify(await this.target.holdings()) === wanted;
    // What it holds still is told by the comparison.
    await until(isAtRest, 'the service at rest').catch(async () =>
      expect(await this.target.holdings()).toEqual(this.#atRest),
    );
    expect(this.target.faults()).toEqual([]);
    expect(this.target.peakMemory() - this.#memoryAtRest).toBeLessThan(growth);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.canary.end();
    await this.target[Symbol.asyncDispose]();
  }
}
