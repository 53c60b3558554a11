import { stat } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';

import { Cache } from '../cache/cache.ts';
import { Client } from '../client/client.ts';
import { systemClock } from '../client/clock.ts';
import { transportOf } from '../client/transport.ts';
import { HydrantError } from '../core/errors.ts';
import { assetsFolder, assetsOf } from './assets.ts';
import { type Control, type ControlOptions, openControl } from './control.ts';
import { FileTaskStore } from './file-task-store.ts';
import { servingFinder } from './find-serving.ts';
import { roomOf } from './router.ts';
import { RunningTasks } from './running-tasks.ts';
import type { OpenParts, PartsOptions } from './server.ts';
import { defaultSettings } from './settings-schema.ts';
import { StreamRoute } from './stream-route.ts';

/** Opens the parts of a server: what it keeps, then what runs, then what people ask. Throws STORE_FAILED, DISK_FULL or OPTION_INVALID. */
export const openParts: OpenParts = async (options) => {
  const { policy, transfer, cacheSize, publicUrl, note, version } = options;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <Opened extends { close(): Promise<void> }>(one: Opened): Opened => {
    opened.unshift(one);
    return one;
  };
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0)) await one.close();
  };
  try {
    const files = await filesOf(options, keep);
    const store = keep(await FileTaskStore.open(options.stateFile));
    for (const text of store.notes) note(text);
    const cache = keep(await Cache.open(options.cacheDir, cacheSize === undefined ? {} : { size: cacheSize }));
    const live = keep(new RunningTasks({ cache, settings: defaultSettings, defaults: transfer, policy }));
    const control = keep(
      once(
        await openControl({
          store,
          live,
          clock: systemClock,
          version,
          note,
          env: process.env,
          longIds: !options.local,
          ...(publicUrl !== undefined && { publicUrl: publicUrl.href }),
          ...(files !== undefined && { files }),
        }),
      ),
    );
    const { limit } = transfer;
    if (limit !== undefined && control.settings.current.global_rate_limit_bps !== limit) {
      await control.settings.change({ global_rate_limit_bps: limit });
    }
    return {
      get tasks() {
        return control.tasks.count;
      },
      data: new StreamRoute(servingFinder({ tasks: control.tasks, links: control.links, live })),
      control: listener(control),
      stop: () => void control.close(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** `control`, whose end may be asked for more than once. */
const once = (control: Control): Control => {
  let closing: Promise<void> | undefined;
  return {
    ...control,
    close: () => {
      closing ??= control.close();
      return closing;
    },
  };
};

const listener = (control: Control): RequestListener => {
  // The globals that others use stay as they are.
  const listen = getRequestListener((request) => control.fetch(request), { overrideGlobalObjects: false });
  const assets = assetsOf(assetsFolder(), (path) => roomOf(path) === 'page');
  return (request, response) => {
    if (!assets(request, response)) void listen(request, response);
  };
};

/** Where clients may have files, and what brings them there. */
const filesOf = async (
  { filesDir, transfer, policy }: PartsOptions,
  keep: (opened: { close(): Promise<void> }) => unknown,
): Promise<ControlOptions['files']> => {
  if (filesDir === undefined) return undefined;
  const found = await stat(filesDir).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new HydrantError('OPTION_INVALID', `--files-dir: there is no folder ${filesDir}; make it first`);
  const transport = transportOf(transfer, policy);
  keep(transport);
  return { folder: filesDir, client: (observe) => new Client({ settings: transfer, transport, observe }) };
};
