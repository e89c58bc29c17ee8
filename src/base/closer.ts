import type { Logger } from './logger.ts';
import { messageOf } from './errors.ts';

/**
 * Closes what a room opened, in reverse order, once. A step that fails is logged and does not keep the others from
 * closing.
 */
export class Closer implements AsyncDisposable {
  readonly #steps: { name: string; close: () => Promise<void> | void }[] = [];
  readonly #log: Logger;
  #closing: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Adds a step; it runs before every step that was added earlier. */
  add(name: string, close: () => Promise<void> | void): void {
    this.#steps.push({ name, close });
  }

  /** Runs the steps; later calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await step.close();
      } catch (error) {
        this.#log.warn({ step: step.name, error: messageOf(error) }, 'closing failed');
      }
    }
  }
}
