import { HydrantError } from './errors.ts';
import type { OptionRow } from './option-row.ts';
import { parseDuration, parseRate, parseSize } from './size.ts';

/** A value as text gives it, for `row`. `place` (`--limit`, `HYDRANT_LIMIT`) begins the message of OPTION_INVALID. */
export const fromText = (row: OptionRow, text: string, place: string): unknown => {
  if (row.unset !== undefined && text.trim().toLowerCase() === row.unset) return undefined;
  const value = read(row, text, place);
  refuseLater(row, value, place);
  return value;
};

/** A value as TOML gives it, for `row`: text is read as on the command line. Throws OPTION_INVALID. */
export const fromToml = (row: OptionRow, value: unknown, place: string): unknown => {
  if (typeof value === 'string') {
    if (row.kind === 'flag') throw invalid(place, `is true or false, not ${JSON.stringify(value)}`);
    return fromText(row, value, place);
  }
  if (row.bare !== undefined && typeof value === 'boolean') return value ? row.bare : undefined;
  if (row.kind === 'flag' && typeof value === 'boolean') {
    refuseLater(row, value, place);
    return value;
  }
  if (isList(row) && Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.flatMap((item) => fromText(row, item, place));
  }
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && row.kind === 'duration') return fromText(row, String(number), place);
  if (typeof number === 'number' && ['count', 'number', 'size', 'rate'].includes(row.kind)) {
    return bounded(row, number, place);
  }
  throw invalid(place, `is ${kindText(row)}, not ${typeText(value)}`);
};

/** Whether several values of `row` may be given, each adding to the others. */
export const isList = (row: OptionRow): boolean => row.kind === 'list' || row.kind === 'header';

/** An OPTION_INVALID about what was written at `place`. */
export const invalid = (place: string, detail: string): HydrantError => new HydrantError('OPTION_INVALID', `${place} ${detail}`);

const read = (row: OptionRow, text: string, place: string): unknown => {
  switch (row.kind) {
    case 'flag':
      return readFlag(text, place);
    case 'count':
      if (!/^\d{1,15}$/.test(text)) throw invalid(place, `is ${kindText(row)}, not ${JSON.stringify(text)}`);
      return bounded(row, Number(text), place);
    case 'number':
      if (!/^\d{1,15}(\.\d{1,9})?$/.test(text)) throw invalid(place, `is ${kindText(row)}, not ${JSON.stringify(text)}`);
      return bounded(row, Number(text), place);
    case 'size':
      return bounded(
        row,
        said(place, () => parseSize(text)),
        place,
      );
    case 'rate':
      return bounded(row, said(place, () => parseRate(text)) ?? Number.NaN, place);
    case 'duration':
      return bounded(
        row,
        said(place, () => parseDuration(text)),
        place,
      );
    case 'choice': {
      if (row.choices?.includes(text) === true) return text;
      throw invalid(place, `is one of ${(row.choices ?? []).join(', ')}, not ${JSON.stringify(text)}`);
    }
    case 'text':
    case 'path':
      if (text === '') throw invalid(place, `needs ${row.value ?? 'a value'}`);
      return text;
    case 'list':
      return [text];
    case 'header':
      if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*$/.test(text)) return [text];
      throw invalid(place, `is a field such as "Accept-Language: en", not ${JSON.stringify(text)}`);
    case 'digest':
      if (/^[a-z0-9_/-]+:[0-9a-f]+$/i.test(text) || /^[a-z0-9]+-[A-Za-z0-9+/_-]+={0,2}$/i.test(text)) return text;
      throw invalid(place, `is ALGO:HEX or ALGO-BASE64, such as sha256:9f86…, not ${JSON.stringify(text)}`);
    case 'range':
      return readRange(text, place);
  }
};

const readFlag = (text: string, place: string): boolean => {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw invalid(place, `is true or false, not ${JSON.stringify(text)}`);
};

const readRange = (text: string, place: string): string => {
  const [, first, last] = /^(\d{0,15})-(\d{0,15})$/.exec(text) ?? [];
  const known = first !== undefined && last !== undefined && (first !== '' || Number(last) > 0);
  if (!known) throw invalid(place, `is A-B, A- or -N, not ${JSON.stringify(text)}`);
  if (first !== '' && last !== '' && Number(first) > Number(last)) throw invalid(place, `ends before it begins: ${JSON.stringify(text)}`);
  return text;
};

/** What `parse` gives, its complaint begun with `place`. */
const said = <Value>(place: string, parse: () => Value): Value => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof HydrantError) throw new HydrantError(error.code, `${place}: ${error.message}`, { cause: error });
    throw error;
  }
};

const bounded = (row: OptionRow, value: number, place: string): number => {
  if (!Number.isFinite(value) || (row.kind === 'count' && !Number.isSafeInteger(value))) {
    throw invalid(place, `is ${kindText(row)}, not ${value}`);
  }
  const { min, max } = row;
  if (min !== undefined && max !== undefined && (value < min || value > max)) {
    throw invalid(place, `is from ${min} to ${max}, not ${value}`);
  }
  if (min !== undefined && value < min) throw invalid(place, `is at least ${min}, not ${value}`);
  return value;
};

const refuseLater = (row: OptionRow, value: unknown, place: string): void => {
  if (row.later === true && value !== row.default) throw invalid(place, 'is not available yet');
};

const kindText = (row: OptionRow): string => {
  switch (row.kind) {
    case 'flag':
      return 'true or false';
    case 'count':
      return row.unset === undefined ? 'a whole number' : `a whole number or ${row.unset}`;
    case 'number':
      return 'a number';
    case 'size':
      return 'a size such as "64M"';
    case 'rate':
      return 'a rate such as "2.5M"';
    case 'duration':
      return 'a time such as "10s"';
    case 'list':
    case 'header':
      return 'an array of text';
    default:
      return 'text';
  }
};

const typeText = (value: unknown): string => {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a date';
  return typeof value === 'object' ? 'a table' : `${typeof value} ${String(value)}`;
};
