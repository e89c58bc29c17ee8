// Prints "passed failed" of a vitest JSON report. A run that ended badly without a failed test (a file that did not
// load, an error outside of a test, no report at all) counts as one failure.
import { readFileSync } from 'node:fs';

const [report = '', status = '1'] = process.argv.slice(2);

function count() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    return [numPassedTests, numFailedTests];
  } catch {
    return [0, 0];
  }
}

const [passed, failed] = count();
console.log(passed, failed === 0 && status !== '0' ? 1 : failed);
