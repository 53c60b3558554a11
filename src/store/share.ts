import type { Chunk } from '../core/ports.ts';
import type { Range } from '../core/range.ts';

/** The parts of `chunk`, whose first byte belongs at `offset`, that lie in `ranges`. It is released with the last of them. */
export const shareOut = (
  offset: number,
  chunk: Chunk,
  ranges: readonly Range[],
): readonly { readonly range: Range; readonly chunk: Chunk }[] => {
  let users = ranges.length;
  if (users === 0) chunk.release();
  const release = () => {
    users--;
    if (users === 0) chunk.release();
  };
  return ranges.map((range) => ({ range, chunk: { bytes: chunk.bytes.subarray(range.start - offset, range.end - offset), release } }));
};
