import { basename, dirname, join, resolve } from 'node:path';

import { numbered } from '../http/safe-name.ts';

/** A final path that no other file of the same run is given, until it is released. */
export interface Name {
  readonly path: string;
  /** Takes another name in the same directory and gives this one back. */
  move(name: string): void;
  /** Takes the first numbered name that is not `busy` either, and gives this one back. */
  next(busy: (path: string) => boolean): void;
  release(): void;
}

/** The paths given to the files of one run. Two that want one name get `name` and `name (1)`, whichever is first. */
export class Names {
  readonly #taken = new Set<string>();

  /** Takes `name` in `directory`, or the first numbered name that is free. Synchronous: nobody comes in between. */
  take(directory: string, name: string): Name {
    const taken = this.#taken;
    let wanted = name;
    let path = this.#free(directory, wanted, () => false);
    const move = (busy: (path: string) => boolean): void => {
      taken.delete(keyOf(path));
      path = this.#free(directory, wanted, busy);
      taken.add(keyOf(path));
    };
    taken.add(keyOf(path));
    return {
      get path() {
        return path;
      },
      move: (next) => {
        if (next === wanted) return;
        wanted = next;
        move(() => false);
      },
      next: move,
      release: () => taken.delete(keyOf(path)),
    };
  }

  #free(directory: string, name: string, busy: (path: string) => boolean): string {
    const wanted = join(directory, name);
    for (let count = 0; ; count++) {
      const path = count === 0 ? wanted : join(dirname(wanted), numbered(basename(wanted), count));
      if (!this.#taken.has(keyOf(path)) && !busy(path)) return path;
    }
  }
}

/** Most file systems of macOS and Windows take names that differ only in case for one. */
const keyOf = (path: string): string => {
  const normal = resolve(path).normalize('NFC');
  return process.platform === 'darwin' || process.platform === 'win32' ? normal.toLowerCase() : normal;
};
