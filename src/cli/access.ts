import { constants, readFileSync } from 'node:fs';

/** What an open descriptor is for, as Linux tells it; undefined where it does not, or where `fd` is not open. */
export const accessOf = (fd: number): 'reading' | 'writing' | 'both' | undefined => {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    const access = Number.parseInt(flags, 8) & (constants.O_WRONLY | constants.O_RDWR);
    return access === constants.O_RDWR ? 'both' : access === constants.O_WRONLY ? 'writing' : 'reading';
  } catch {
    return undefined;
  }
};
