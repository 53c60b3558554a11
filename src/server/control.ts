import type { Client } from '../client/client.ts';
import type { ClientObserver } from '../client/events.ts';
import type { Clock, TaskStore } from '../core/ports.ts';
import { type ControlPlane, controlPlane } from './control-plane.ts';
import type { ControlPorts } from './control-ports.ts';
import { Downloads } from './downloads.ts';
import { Events } from './events.ts';
import { Fills } from './fills.ts';
import { Links } from './links.ts';
import type { Live } from './live.ts';
import { Settings } from './settings.ts';
import { Tasks } from './tasks.ts';
import { sampler } from './teller.ts';

export interface ControlOptions {
  readonly store: TaskStore;
  readonly live: Live;
  readonly clock: Clock;
  readonly version: string;
  /** Ids that nobody can guess; needed wherever not only this machine can ask. */
  readonly longIds?: boolean;
  /** What links begin with, a path included; absent: scheme and host of each request. */
  readonly publicUrl?: string;
  /** Where clients may have files read and written, and what brings them there; absent: nowhere. */
  readonly files?: { readonly folder: string; readonly client: (observe: ClientObserver) => Client; readonly jobs?: number };
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Is told what went wrong where nobody asked. */
  readonly note?: (message: string) => void;
}

/** All of the control plane, put together over what is kept and what runs. */
export interface Control extends ControlPlane {
  readonly tasks: Tasks;
  readonly settings: Settings;
  readonly links: Links;
  /** Stops downloads and event streams; fills, the store and the running side are their makers' to close. */
  close(): Promise<void>;
}

/** Opens the control plane: settings applied, tasks there, what ran before going on. */
export const openControl = async (options: ControlOptions): Promise<Control> => {
  const { store, live, clock, version, longIds = false, publicUrl, files, env = {}, note = () => undefined } = options;
  const settings = Settings.restore(store, live, note);
  const tasks = new Tasks({ store, live, clock, longIds, note });
  const links = await Links.open(store, tasks, clock);
  const fills = new Fills(store, tasks, live, note);
  let sample = (): unknown => undefined;
  const events = new Events({ clock, sample: () => sample() });
  const changed = (id: string): void => events.add({ kind: 'download', id });
  const downloads =
    files && new Downloads({ store, clock, note, changed, root: files.folder, client: files.client, jobs: files.jobs ?? 3 });
  const filesDir = files?.folder;
  const ports: ControlPorts = {
    store,
    live,
    settings,
    tasks,
    fills,
    links,
    events,
    downloads,
    filesDir,
    publicUrl,
    clock,
    env,
    version,
    note,
  };
  sample = sampler(ports);
  settings.watcher = () => events.add({ kind: 'settings' });
  tasks.watch((id) => events.add({ kind: 'task', id }));
  const unwatch = live.watch(({ kind, task, entry }) => {
    if (kind === 'limit') events.add({ kind: 'settings' });
    else if (task !== undefined) {
      events.add({ kind, id: task, ...(entry !== undefined && { facts: entry }) });
      // What goes wrong does so with a source.
      if (entry !== undefined && entry.level !== 'info') events.add({ kind: 'health', id: task });
    }
  });
  void fills.restore();
  return {
    ...controlPlane(ports),
    tasks,
    settings,
    links,
    close: async () => {
      unwatch();
      fills.close();
      events.close();
      await downloads?.close();
    },
  };
};
