import { measure, median } from '../measure.mjs';
import { startFastOrigin } from '../unshaped.mjs';

const MiB = 2 ** 20;
const size = 1024 * MiB;
const bar = 150;

export const question = {
  title: 'How much memory does an ordered stream take?',
  ask: async ({ programs, rounds, say }) => {
    const origin = await startFastOrigin(size);
    const streaming = programs.filter(({ stream }) => stream !== undefined);
    const results = new Map(streaming.map(({ name }) => [name, []]));
    try {
      for (let round = 1; round <= rounds; round++) {
        for (const { name, command, stream } of streaming) {
          const run = await measure(command, stream({ url: origin.url }), { limit: 120 });
          results.get(name).push(run);
          say(`${name} ${round}/${rounds}: ${Math.round(run.peak / MiB)} MiB, ${run.seconds.toFixed(2)} s`);
        }
      }
    } finally {
      await origin.close();
    }
    const rows = [...results].map(([name, runs]) => [
      name,
      `${Math.round(median(runs.map(({ peak }) => peak)) / MiB)}`,
      ((median(runs.map(({ cpu }) => cpu)) * 1024 * MiB) / size).toFixed(2),
      (size / 2 ** 30 / median(runs.map(({ seconds }) => seconds))).toFixed(2),
    ]);
    const peak = Math.max(...results.get('hydrant').map((run) => run.peak)) / MiB;
    return {
      intro: `\`hydrant cat URL > /dev/null\`, ${size / MiB} MiB over loopback from ${origin.name}; the bar is ${bar} MiB.`,
      columns: ['', 'peak RSS, MiB', 'CPU s per GiB', 'GiB/s'],
      rows,
      missed: peak > bar ? [`${Math.round(peak)} MiB at the peak, the bar is ${bar}`] : [],
    };
  },
};
