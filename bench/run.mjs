// npm run bench [NAME…] [-- --check] [-- --write] [-- --rounds N]
// Asks the questions of bench/questions, all or those named, and prints a table each. --check exits with 1 where a bar
// is missed, --write puts the tables into docs/performance.md.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { busy, machine } from './machine.mjs';
import { installed } from './programs.mjs';
import { render, write } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
  },
});
const rounds = Math.max(1, Number.parseInt(values.rounds, 10) || 3);

const names = readdirSync(new URL('questions/', import.meta.url)).map((file) => file.replace(/\.mjs$/, ''));
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`there is no question ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}

const programs = await installed();
console.log(`${machine()}\n${programs.present.map(({ version }) => version).join(', ')}`);
if (busy() !== undefined) console.log(busy());
for (const name of programs.missing) console.log(`${name} is not installed: its column is left out`);

let missed = 0;
for (const name of positionals.length > 0 ? positionals : names) {
  const { question } = await import(`./questions/${name}.mjs`);
  console.log(`\n${question.title}`);
  const answer = await question.ask({ programs: programs.present, rounds, say: (text) => console.log(`  ${text}`) });
  console.log(render(answer));
  missed += answer.missed.length;
  for (const text of answer.missed) console.log(`MISSED: ${text}`);
  if (values.write) write(name, question.title, answer, programs);
}
if (values.check && missed > 0) process.exitCode = 1;
