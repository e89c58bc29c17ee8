/**
 * Prints `<passed> <failed>` of a vitest JSON report for `.ci/run`: `count-tests REPORT STATUS`. A run that ended badly
 * without a failed test (a file that did not load, an error outside of a test, no report at all) counts as one failure.
 */
import { readFileSync } from 'node:fs';

const [report = '', status = '1'] = process.argv.slice(2);
const [passed, failed] = count();
console.log(passed, failed === 0 && status !== '0' ? 1 : failed);

function count(): [passed: number, failed: number] {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
    };
    return [numPassedTests, numFailedTests];
  } catch {
    return [0, 0];
  }
}
