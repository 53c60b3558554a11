import { randomInt } from 'node:crypto';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const shortest = 6;
/** 36^16 are more than 82 bits. */
const unguessable = 16;

/** A new id: six characters, or, `long`, one that nobody can guess. */
export const newId = (long: boolean): string =>
  Array.from({ length: long ? unguessable : shortest }, () => letters[randomInt(letters.length)]).join('');

/** Whether `id` can be one. */
export const isId = (id: string, long: boolean): boolean => /^[a-z0-9]{6,64}$/.test(id) && (!long || id.length >= unguessable);
