/** Bytes that repeat only after a prime number of them, so that bytes in a wrong place are seen. */
const table = Buffer.alloc(1_000_003);
let state = 1;
for (let index = 0; index < table.length; index++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  table[index] = state >>> 24;
}

/** The content of `[start, end)`, made quickly. */
export const contentOf = (start: number, end: number): Buffer => {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let at = start; at < end; ) {
    const from = at % table.length;
    at += table.copy(bytes, at - start, from, Math.min(table.length, from + end - at));
  }
  return bytes;
};
