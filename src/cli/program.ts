import { constants } from 'node:os';
import { setFlagsFromString } from 'node:v8';

import { HydrantError } from '../core/errors.ts';
import { BrokenPipe, Descriptor } from './descriptor.ts';

/** What a command has of the world around it. */
export interface World {
  readonly stdout: Descriptor;
  readonly stderr: Descriptor;
  /** Aborts when the program is asked to stop. */
  readonly signal: AbortSignal;
  /** For who stops in good order: it may take `windUp` milliseconds from the signal on, and the exit code is then what it gives. */
  readonly serves: (windUp: number) => void;
}

/** How long the rest of the program may take to wind up after a signal, and its last words after that, in milliseconds. */
const windUp = 700;
const lastWords = 100;

/** Milliseconds within which a second signal is the first one again: npx passes on what the terminal has sent to both already. */
const onePress = 100;

/** Exit code of a program whose stdout nobody reads any more: 128 and SIGPIPE. */
const brokenPipe = 141;

/**
 * Runs `main` and leaves with the code it gives, or that of its error. SIGINT and SIGTERM abort the world's signal; a
 * second one kills. `codeOf` translates exit codes, for a program that has its own.
 */
export const runProgram = async (main: (world: World) => Promise<number>, codeOf = (code: number): number => code): Promise<never> => {
  // Payload buffers die young: a young generation that grows holds up to 48 MiB of dead ones. Measured with `cat` of 1 GiB:
  // 137 MB of resident memory at most, instead of 173. Before anything is allocated, and never in the library: it is for the whole process.
  setFlagsFromString('--semi-space-growth-factor=1');
  const stderr = new Descriptor(2);
  const stdout = new Descriptor(1);
  const stop = new AbortController();
  let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
  let stoppedAt = 0;
  let patience = windUp;
  let orderly = false;
  const serves = (time: number): void => {
    patience = time;
    orderly = true;
  };

  const leave = async (code: number): Promise<never> => {
    // A write that nobody takes keeps `process.exit` from returning; a signal's own action does not wait for it.
    await Promise.all([stdout.abandon(), stderr.abandon()]);
    if (stdout.stuck || stderr.stuck) killBy(stoppedBy ?? 'SIGTERM');
    return process.exit(code);
  };
  const stoppedCode = (): number => codeOf(128 + constants.signals[stoppedBy ?? 'SIGINT']);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stoppedBy === name && performance.now() - stoppedAt < onePress) return;
      if (stoppedBy !== undefined) killBy(name);
      stoppedBy = name;
      stoppedAt = performance.now();
      stop.abort(new HydrantError('STOPPED'));
      setTimeout(() => void leave(stoppedCode()), patience);
    });
  }

  let code: number;
  try {
    code = await main({ stdout, stderr, signal: stop.signal, serves });
  } catch (error) {
    code = stoppedBy === undefined || orderly ? report(error, stderr) : stoppedCode();
  }
  if (stoppedBy !== undefined && !orderly) code = stoppedCode();
  await stderr.drain(stoppedBy === undefined ? undefined : lastWords);
  return await leave(codeOf(code));
};

const report = (error: unknown, stderr: Descriptor): number => {
  if (error instanceof BrokenPipe) return brokenPipe;
  if (error instanceof HydrantError) {
    stderr.say(`hydrant: ${error.message}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  stderr.say(`hydrant: this is a bug in hydrant, please report it:\n${stack}\n`);
  return 1;
};

const killBy = (signal: 'SIGINT' | 'SIGTERM'): void => {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
};
