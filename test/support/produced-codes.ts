import { basename } from 'node:path';
import { afterAll, beforeEach, expect } from 'vitest';
import type { RunnerTestFile } from 'vitest';
import { parameterErrors } from '../../src/operations/decode.ts';
import { findOperation } from '../../src/operations/registry.ts';

const produced = new Map<string, Set<string>>();

/** Notes that an operation answered with a code. */
export function noteCode(action: string, code: string): void {
  const codes = produced.get(action) ?? new Set();
  codes.add(code);
  produced.set(action, codes);
}

/** What registry.test.ts produces for every operation. */
const PRODUCED_THERE = new Set(['IllegalOperation', 'InvalidDomain.NotFound', 'SignatureNonceUsed']);

/**
 * After all tests of a contract test file: every error that its operation declares has been produced, or says why it
 * cannot occur here. Only when the file ran whole.
 */
export function expectEveryCodeProduced(): void {
  let file: RunnerTestFile | undefined;
  beforeEach(({ task }) => void (file = task.file));
  afterAll(() => {
    const operation = findOperation(basename(file?.filepath ?? '').replace('.test.ts', ''));
    if (!file || !operation || !ranWhole(file.tasks)) return;
    const derived = parameterErrors(operation.parameters);
    const codes = produced.get(operation.name) ?? new Set();
    const missing = Object.entries(operation.errors).flatMap(([code, { neverHere }]) =>
      code in derived || PRODUCED_THERE.has(code) || neverHere !== undefined || codes.has(code) ? [] : [code],
    );
    expect(missing, `${operation.name} declares errors that no test of its file produces`).toEqual([]);
    const impossible = Object.entries(operation.errors).flatMap(([code, { neverHere }]) =>
      neverHere !== undefined && codes.has(code) ? [code] : [],
    );
    expect(impossible, `${operation.name} produces errors that it says cannot occur`).toEqual([]);
  });
}

interface Task {
  readonly mode: string;
  readonly tasks?: readonly Task[];
}

function ranWhole(tasks: readonly Task[]): boolean {
  return tasks.every(({ mode, tasks: inner = [] }) => mode === 'run' && ranWhole(inner));
}
