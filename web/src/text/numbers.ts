/* Numbers as people read them: a figure and its unit, so that the unit can be small. Sizes go by 1024, as the server's do. */

/** A number in its parts: `48.2` and `MiB/s`. */
export interface Figure {
  readonly figure: string;
  readonly unit: string;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `bytes` with three digits that count. */
export const bytesFigure = (bytes: number): Figure => {
  let value = Math.max(0, bytes);
  let at = 0;
  // What would be written as 1000 to 1023 is shorter in the next unit.
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return { figure: at === 0 ? String(Math.round(value)) : digits(value), unit: units[at] ?? '' };
};

const digits = (value: number): string => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);

export const rateFigure = (bytes: number): Figure => {
  const { figure, unit } = bytesFigure(bytes);
  return { figure, unit: `${unit}/s` };
};

/** `part` of `whole`; 100 only where all of it is there. */
export const percentFigure = (part: number, whole: number): Figure => {
  const percent = whole <= 0 ? 0 : (part / whole) * 100;
  const floored = percent >= 100 ? 100 : Math.floor(percent * 10) / 10;
  return { figure: floored > 0 && floored < 10 ? floored.toFixed(1) : String(Math.floor(floored)), unit: '%' };
};

/** `4 s`, `3:07`, `2:05:09`. */
export const durationFigure = (seconds: number): Figure => {
  if (!Number.isFinite(seconds)) return { figure: '–', unit: '' };
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return { figure: String(whole), unit: 's' };
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return { figure: hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`, unit: '' };
};

/** A figure as one text. */
export const textOfFigure = ({ figure, unit }: Figure): string => (unit === '' || unit === '%' ? figure + unit : `${figure} ${unit}`);
