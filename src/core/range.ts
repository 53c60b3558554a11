/** Half-open interval of byte offsets `[start, end)`. `end` is `Infinity` while a length is unknown. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Bytes in `range`. */
export const sizeOf = (range: Range): number => Math.max(0, range.end - range.start);

/** The bytes that both ranges cover, or undefined where they share none. */
export const intersect = (a: Range, b: Range): Range | undefined => {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return start < end ? { start, end } : undefined;
};
