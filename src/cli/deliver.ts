import { batch } from '../client/batch.ts';
import { Client } from '../client/client.ts';
import type { FileSpec } from '../client/file-spec.ts';
import { HydrantError } from '../core/errors.ts';
import type { Options } from '../core/options.ts';
import { BrokenPipe } from './descriptor.ts';
import { type Hook, openHook } from './hook.ts';
import type { Told } from './json-lines.ts';
import type { World } from './program.ts';
import { type Manner, openReport, type Report } from './report.ts';
import { settingsOf } from './transfer-settings.ts';

/** Longest wait for the last words of a run that was stopped, in milliseconds. */
const patience = 100;

/** Downloads `files`, several at once; resolves with the exit code, the worst of all files'. */
export const toDisk = async (files: readonly FileSpec[], options: Options, manner: Manner, world: World): Promise<number> =>
  reported(files, manner, { ...world, stopped: 'stopped; the same command goes on from here' }, async (report) => {
    const hook = options.onDone === undefined ? undefined : openHook(options.onDone, files, (message) => report.warn(message));
    const client = new Client({ settings: settingsOf(options), observe: observer(report, hook) });
    try {
      const { output, ifExists, remoteTime, jobs, buffer } = options;
      const outcomes = await batch(client, files, { output, ifExists, continue: options.continue, remoteTime, jobs, buffer }, world.signal);
      await hook?.finished(world.signal);
      return Math.max(0, ...outcomes.map(({ error }) => (error === undefined ? 0 : told(report, error))));
    } finally {
      await client.close();
    }
  });

/** Writes the bytes of `files` to stdout, one file after another; resolves with the exit code. The first failure ends it: what came after it would be garbage. */
export const toStdout = async (files: readonly FileSpec[], options: Options, manner: Manner, world: World): Promise<number> =>
  reported(files, manner, { ...world, stopped: 'stopped' }, async (report) => {
    const client = new Client({ settings: settingsOf(options), observe: observer(report) });
    try {
      for await (const file of client.stream(files, {}, world.signal)) {
        for await (const chunk of file.chunks) {
          // After a stop the chunk stays ours: its bytes may still be on their way out.
          await untilStopped(world.stdout.write(chunk.bytes), world.signal);
          chunk.release();
        }
      }
      return 0;
    } finally {
      await client.close();
    }
  });

const reported = async (
  files: readonly FileSpec[],
  manner: Manner,
  { stderr, signal, stopped }: World & { readonly stopped: string },
  run: (report: Report) => Promise<number>,
): Promise<number> => {
  const report = openReport(manner, files.length, stderr);
  // At once: who asks twice kills, and the end of the run is then never reached.
  const stop = (): void => {
    report.settle();
    report.warn(stopped);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await run(report);
  } catch (error) {
    if (error instanceof BrokenPipe || !(error instanceof HydrantError)) throw error;
    return told(report, error);
  } finally {
    signal.removeEventListener('abort', stop);
    await report.close(signal.aborted ? patience : undefined);
  }
};

/** What `waiting` comes to. Rejects with STOPPED as soon as `signal` aborts: a reader who sleeps is not waited for. */
const untilStopped = (waiting: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(new HydrantError('STOPPED'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    waiting.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

/** The exit code of an error that has been told of, now if not before. */
const told = (report: Report, error: HydrantError): number => {
  if (error.code !== 'STOPPED') report.fail(error);
  return error.exitCode;
};

const observer = (report: Report, hook?: Hook): ((event: Told) => void) => {
  if (hook === undefined) return report.tell;
  return (event) => {
    report.tell(event);
    hook.see(event);
  };
};
