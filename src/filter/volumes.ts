import type { Random } from '../core/ports.ts';
import { chacha20Id } from './chacha20-config.ts';
import { refused } from './config.ts';

export type SplitMode = 'random' | 'fixed';

const MiB = 1_048_576;
/** Nobody wants more files than that, and a size written with the wrong unit would make millions. */
const mostVolumes = 10_000;

/**
 * Sizes of the volumes that `total` bytes are cut into, none above `max` (0: no bound). `fixed`: as large as may be;
 * `random`: between half of that, or a mebibyte, and that. Throws OPTION_INVALID where they are too many.
 */
export const volumeSizes = (total: number, max: number, mode: SplitMode, random: Random): readonly number[] => {
  if (max === 0 || total <= max) return [total];
  const sizes: number[] = [];
  let rest = total;
  while (rest > max) {
    const least = Math.max(Math.floor(max / 2), Math.min(MiB, max));
    const most = Math.min(max, rest - 1);
    const size = mode === 'fixed' ? max : least + Math.floor(random() * (most - least + 1));
    sizes.push(size);
    rest -= size;
    if (sizes.length >= mostVolumes) throw refused(chacha20Id, `max_volume_size of ${max} makes more than ${mostVolumes} volumes`);
  }
  return [...sizes, rest];
};

/** Names of `count` volumes: `{N}` in `suffix` is the number from 1 on, with zeros before it; of a single one it goes, and dots run together. */
export const volumeNames = (prefix: string, suffix: string, count: number): readonly string[] => {
  if (count === 1) return [prefix + suffix.replaceAll('{N}', '').replace(/\.{2,}/g, '.')];
  if (!suffix.includes('{N}')) throw refused(chacha20Id, `volume_suffix needs {N} for the numbers of ${count} volumes`);
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => prefix + suffix.replaceAll('{N}', String(index + 1).padStart(digits, '0')));
};
