import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseSize } from '../core/size.ts';

/** The values of a filter's form, by key. */
export type Config = Readonly<Record<string, unknown>>;

/** An OPTION_INVALID about the filter `id`. Values never stand in it: they may be secret. */
export const refused = (id: string, detail: string): HydrantError => new HydrantError('OPTION_INVALID', `${id}: ${detail}`);

/** `config` as an object with no other than the `known` keys; null and undefined are an empty one. Throws OPTION_INVALID. */
export const configOf = (id: string, config: unknown, known: readonly string[]): Config => {
  if (config === null || config === undefined) return {};
  if (typeof config !== 'object' || Array.isArray(config)) throw refused(id, 'a configuration is an object');
  for (const key of Object.keys(config)) {
    if (!known.includes(key)) throw refused(id, `there is no "${key}"${didYouMean(key, known)}; known are ${known.join(', ')}`);
  }
  return config as Config;
};

/** The text at `key`, without blanks around it; empty where there is none. Throws OPTION_INVALID. */
export const textAt = (id: string, config: Config, key: string): string => {
  const value = config[key] ?? '';
  if (typeof value !== 'string') throw refused(id, `${key} is text`);
  return value.trim();
};

/** The boolean at `key`. Throws OPTION_INVALID. */
export const flagAt = (id: string, config: Config, key: string, otherwise: boolean): boolean => {
  const value = config[key] ?? otherwise;
  if (typeof value !== 'boolean') throw refused(id, `${key} is true or false`);
  return value;
};

/** The bytes at `key`, a whole number or text such as `64K`; undefined where there are none. Throws OPTION_INVALID. */
export const sizeAt = (id: string, config: Config, key: string): number | undefined => {
  const value = config[key] ?? '';
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value !== 'string') throw refused(id, `${key} is a size such as "64K"`);
  if (value.trim() === '') return undefined;
  try {
    return parseSize(value);
  } catch {
    throw refused(id, `${key} is a size such as "64K"`);
  }
};
