/** Amounts as people write and read them. A step is 1024 throughout: kB, KB, k and KiB are one and the same. */
import { HydrantError } from './errors.ts';

const unitLetters = ' KMGTP';
const size = /^(\d+(?:\.\d*)?|\.\d+)\s*(?:([KMGTP])(?:i?B)?|B)?$/i;
const duration = /^(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h|d)?$/i;
const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const invalid = (text: string, what: string): HydrantError => new HydrantError('OPTION_INVALID', `${JSON.stringify(text)} is not ${what}`);

const bytesIn = (text: string): number | undefined => {
  const [, amount, letter = ' '] = size.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Math.round(Number(amount) * 1024 ** unitLetters.indexOf(letter.toUpperCase()));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

/** Bytes in `64M`, `1.5MiB`, `10kB` or `4096`, rounded to whole ones. Throws OPTION_INVALID. */
export const parseSize = (text: string): number => {
  const bytes = bytesIn(text);
  if (bytes === undefined) throw invalid(text, 'a size: write bytes, or a number with K, M, G or T such as 64M');
  return bytes;
};

/** Bytes per second in `2.5M` or `2.5MiB/s`, at least one; undefined for `off`. Throws OPTION_INVALID. */
export const parseRate = (text: string): number | undefined => {
  if (text.trim().toLowerCase() === 'off') return undefined;
  const bytes = bytesIn(text.trim().replace(/\/s$/i, ''));
  if (bytes === undefined || bytes < 1) throw invalid(text, 'a rate: write bytes per second such as 2.5M, or off');
  return bytes;
};

/** Milliseconds in `10s`, `500ms`, `5m`, `1.5h` or `1d`, rounded to whole ones; a bare number counts seconds. Throws OPTION_INVALID. */
export const parseDuration = (text: string): number => {
  const [, amount, unit = 's'] = duration.exec(text.trim()) ?? [];
  const time = amount === undefined ? NaN : Math.round(Number(amount) * (milliseconds[unit.toLowerCase()] ?? NaN));
  if (!Number.isSafeInteger(time)) throw invalid(text, 'a duration: write a number with ms, s, m, h or d such as 10s');
  return time;
};

/** `bytes` for people, three or four digits: `512 B`, `12.3 MiB`. */
export const formatSize = (bytes: number): string => {
  let amount = bytes;
  let power = 0;
  // From 1023.95 on one decimal would read 1024.0.
  while (amount >= (power === 0 ? 1023.5 : 1023.95) && power < unitLetters.length - 1) {
    amount /= 1024;
    power++;
  }
  return power === 0 ? `${Math.round(amount)} B` : `${amount.toFixed(1)} ${unitLetters[power]}iB`;
};

/** `rate`, in bytes per second, for people: `1.2 MiB/s`. */
export const formatRate = (rate: number): string => `${formatSize(rate)}/s`;

/** A duration in milliseconds for people, in whole seconds: `0:07`, `12:03`, `1:02:03`; `-:--` where there is no telling. */
export const formatDuration = (time: number): string => {
  const seconds = Math.round(time / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) return '-:--';
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return minutes < 60 ? clock.replace(/^0(?=\d)/, '') : `${Math.floor(minutes / 60)}:${clock}`;
};
