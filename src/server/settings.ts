import { HydrantError } from '../core/errors.ts';
import type { TaskStore } from '../core/ports.ts';
import { checkFilterGlobal } from '../filter/catalogue.ts';
import type { Live } from './live.ts';
import { defaultSettings, parseSettings } from './settings-schema.ts';
import type { ServerSettings } from './task-config.ts';
import { Turns } from './turns.ts';

/** What holds for all tasks: kept, applied, told. */
export class Settings {
  readonly #store: TaskStore;
  readonly #live: Live;
  readonly #turns = new Turns();
  readonly #others: Readonly<Record<string, unknown>>;
  #current: ServerSettings;
  #watch: () => void = () => undefined;

  private constructor(store: TaskStore, live: Live, current: ServerSettings, others: Readonly<Record<string, unknown>>) {
    this.#store = store;
    this.#live = live;
    this.#current = current;
    this.#others = others;
  }

  /** The settings that `store` keeps, applied; `note` is told of those that can't be. */
  static restore(store: TaskStore, live: Live, note: (message: string) => void): Settings {
    const kept = (store.kept('settings').get('') ?? {}) as Readonly<Record<string, unknown>>;
    let current = defaultSettings;
    const others: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(kept)) {
      if (!(name in defaultSettings)) {
        others[name] = value;
        continue;
      }
      try {
        const next = { ...current, ...parseSettings({ [name]: value }) };
        live.apply(next);
        current = next;
      } catch (error) {
        if (!(error instanceof HydrantError)) throw error;
        note(`the setting ${name} is left out: ${error.message}`);
      }
    }
    live.apply(current);
    return new Settings(store, live, current, others);
  }

  get current(): ServerSettings {
    return this.#current;
  }

  /** Calls `seen` after every change. */
  set watcher(seen: () => void) {
    this.#watch = seen;
  }

  /** Changes what `patch` has. All of it or, with OPTION_INVALID, DISK_FULL or STORE_FAILED, nothing. */
  change(patch: Partial<ServerSettings>): Promise<ServerSettings> {
    return this.#turns.take('', async () => {
      const before = this.#current;
      const next = { ...before, ...patch };
      for (const [id, config] of Object.entries(patch.plugin_globals ?? {})) checkFilterGlobal(id, config);
      this.#live.apply(next);
      try {
        await this.#store.commit([{ kind: 'settings', key: '', value: { ...this.#others, ...next } }]);
      } catch (error) {
        this.#live.apply(before);
        throw error;
      }
      this.#current = next;
      this.#watch();
      return next;
    });
  }
}
