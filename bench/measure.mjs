import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU time of process `pid` so far in seconds, and its greatest resident size in bytes; undefined where /proc doesn't tell. */
const usageOf = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    const [, peak = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, peak: Number(peak) * 1024 };
  } catch {
    return undefined;
  }
};

/**
 * Runs a program to its end, or for `limit` seconds: `{ seconds, cpu, peak, stopped }`. Throws where it fails by itself.
 * CPU and size are sampled, so up to one interval of 20 ms at its end is not seen.
 */
export const measure = async (command, args, { limit, cwd }) => {
  const began = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let usage = { cpu: 0, peak: 0 };
  let stopped = false;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  const sampler = setInterval(() => {
    const now = usageOf(child.pid) ?? usage;
    // A process that has ended but not been waited for has a time, and no size.
    usage = { cpu: now.cpu, peak: Math.max(now.peak, usage.peak) };
  }, 20);
  const killer = setTimeout(() => {
    stopped = true;
    child.kill('SIGKILL');
  }, limit * 1000);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const seconds = (performance.now() - began) / 1000;
    if (code !== 0 && !stopped) throw new Error(`${command} ended with ${code}: ${complaint.trim()}`);
    return { seconds, ...usage, stopped };
  } finally {
    clearInterval(sampler);
    clearTimeout(killer);
  }
};

/** The middle value; of an even count the mean of the two in the middle. */
export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};
