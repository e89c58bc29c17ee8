import { defineConfig } from 'vitest/config';

/** `npm test`: everything but the long suites (`*.long.test.ts`), which `npm run test:all` adds. */
const long = process.env['SLUICE_TEST_LONG'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: long ? [] : ['test/**/*.long.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
