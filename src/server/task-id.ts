import { randomInt } from 'node:crypto';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const shortest = 6;
/** 36^16 are more than 82 bits. */
const unguessable = 16;

/** Words that stand where an id would in paths of the API. */
const taken = new Set(['export', 'import']);

/** A new id: six characters, or, `long`, one that nobody can guess. */
export const newId = (long: boolean): string => {
  const length = long ? unguessable : shortest;
  const id = Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  return taken.has(id) ? newId(long) : id;
};

/** Whether `id` can be one. */
export const isId = (id: string, long: boolean): boolean =>
  /^[a-z0-9]{6,64}$/.test(id) && !taken.has(id) && (!long || id.length >= unguessable);
