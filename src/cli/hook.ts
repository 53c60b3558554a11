import { spawn } from 'node:child_process';

import type { FileSpec } from '../client/file-spec.ts';
import type { Told } from './json-lines.ts';

/** Runs a shell command after each file, one at a time. */
export interface Hook {
  /** Takes what a client observes: `done` and `failed` start the command, a stop does not. */
  see(event: Told): void;
  /** Resolves when every command that was started has ended, or when `signal` aborts. */
  finished(signal: AbortSignal): Promise<void>;
}

/** A hook that runs `command` with HYDRANT_FILE (where the file is, or would have been), HYDRANT_URL and HYDRANT_STATUS. */
export const openHook = (command: string, files: readonly FileSpec[], warn: (message: string) => void): Hook => {
  let last: Promise<void> = Promise.resolve();
  return {
    see: (event) => {
      if (event.event !== 'done' && event.event !== 'failed') return;
      if (event.event === 'failed' && event.code === 'STOPPED') return;
      const environment = {
        ...process.env,
        HYDRANT_FILE: 'path' in event ? (event.path ?? '') : '',
        HYDRANT_URL: files[event.file ?? 0]?.volumes[0]?.[0]?.url ?? '',
        HYDRANT_STATUS: event.event,
      };
      last = last.then(() => run(command, environment, warn));
    },
    finished: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
        void last.then(resolve);
      }),
  };
};

const run = (command: string, environment: NodeJS.ProcessEnv, warn: (message: string) => void): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(command, { shell: true, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      warn(`the command of --on-done could not be run: ${error.message}`);
      resolve();
    });
    child.once('close', (code, signal) => {
      if (code !== 0) warn(`the command of --on-done ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`);
      resolve();
    });
  });
