// sum.mjs STEPS STATUS: prints "N passed, N failed" over the steps of a run that ended with STATUS, and exits with 1
// where anything failed. Tests count one by one; a skipped one counts as failed, since the whole check has every
// program that a test may need. A step that failed without a failed test counts as one.
import { existsSync, readFileSync } from 'node:fs';

const [stepsPath, ended] = process.argv.slice(2);
let passed = 0;
let failed = 0;

const count = (path) => {
  let bad = 0;
  for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else {
        bad += 1;
        console.log(`${status}: ${fullName}`);
      }
    }
  }
  return bad;
};

for (const line of readFileSync(stepsPath, 'utf8').split('\n').filter(Boolean)) {
  const [name, status, report] = line.split('\t');
  const bad = existsSync(report) ? count(report) : 0;
  if (status !== '0') console.log(`failed step: ${name}`);
  failed += status !== '0' && bad === 0 ? 1 : bad;
}
if (ended !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
