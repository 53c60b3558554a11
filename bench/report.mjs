import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { busy, machine } from './machine.mjs';

const page = new URL('../docs/performance.md', import.meta.url);

const head = `# Performance

Every table below is printed and put here by \`npm run bench -- --write\`: one question each, hydrant and its peers in the same run on the
same machine, taking turns, medians. Ask again on yours.

*Bound* is what the sources together could give: T\\* = (S + Σ rᵢ lᵢ) ÷ Σ rᵢ, for S bytes over sources of rate rᵢ and latency lᵢ. × 1.00 is perfect.
`;

/** An answer `{ intro, columns, rows, missed }` as a Markdown table, padded so that it reads well on a terminal too. */
export const render = ({ intro, columns, rows }) => {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index].length)));
  const line = (cells) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join(' | ')} |`;
  const rule = `|${widths.map((width, index) => (index === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [intro, '', line(columns), rule, ...rows.map(line)].join('\n');
};

/** Puts one question's table into docs/performance.md, in place of the one that was there. */
export const write = (name, title, answer, { present, missing }) => {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : head;
  const versions = present.map(({ version }) => version).join(', ');
  const without = missing.length > 0 ? ` Not installed: ${missing.join(', ')}.` : '';
  const warning = busy() === undefined ? '' : ` While it ran, ${busy()}.`;
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const section = `${begin}\n## ${title}\n\n${render(answer)}\n\n${machine()}; ${versions}.${without}${warning}\n${end}\n`;
  const known = text.indexOf(begin);
  const after = text.indexOf(end) + end.length + 1;
  writeFileSync(page, known < 0 ? `${text}\n${section}` : text.slice(0, known) + section + text.slice(after));
};
