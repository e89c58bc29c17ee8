import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from 'vitest';
import type { TestContext } from 'vitest';

/** Programs that npm does not bring, and the Debian package that does. */
const PACKAGES = {
  curl: 'curl',
  ffmpeg: 'ffmpeg',
  openssl: 'openssl',
  python3: 'python3',
  rtmpdump: 'rtmpdump',
  strace: 'strace',
} as const;

/** A program that tests need besides npm. */
export interface Program {
  /** Where it is; the bare name when it is not there. */
  readonly path: string;
  /** Like vitest's `it`, for tests that run the program. */
  it(title: string, test: (context: TestContext) => Promise<void>, timeoutMs?: number): void;
}

/**
 * Looks for a program. Without it its tests are skipped and say what to install; with `SLUICE_TEST_REQUIRE_PROGRAMS=1`
 * they fail instead, so that continuous integration cannot pass by skipping.
 */
export function program(name: keyof typeof PACKAGES): Program {
  const path = find(name);
  const advice = `${name} is missing: apt-get install ${PACKAGES[name]}`;
  return {
    path: path ?? name,
    it(title, test, timeoutMs) {
      if (path !== undefined) it(title, test, timeoutMs);
      else if (process.env['SLUICE_TEST_REQUIRE_PROGRAMS'] === '1')
        it(title, () => {
          throw new Error(advice);
        });
      else it.skip(`${title} (${advice})`);
    },
  };
}

function find(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
