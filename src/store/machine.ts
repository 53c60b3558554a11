import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const contentOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
};

/** Names this run of the machine: what was only written, not synced, under another one may be lost. */
export const bootId = (): string =>
  contentOf('/proc/sys/kernel/random/boot_id')?.trim() ?? `booted ${Math.round(Date.now() / 1000 - uptime())}`;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Names the process `pid` so that no other process, past or future, has the same name; undefined where none runs.
 * A number alone would not do, since numbers are given again: the start time goes with it (on Windows it can't).
 */
export const processName = (pid: number): string | undefined => {
  if (!isRunning(pid)) return undefined;
  // proc(5): fields after the command's name in parentheses; the 1st is the state, the 20th the start in ticks since boot.
  const fields = contentOf(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  if (fields !== undefined) return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid} ${bootId()} ${fields[19]}`;
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${pid} ${started.trim()}`;
  } catch {
    return `${pid}`;
  }
};
