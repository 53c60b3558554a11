import type { Random } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { equal } from '../engine/sampler.ts';
import type { SourceSpec } from '../engine/source.ts';
import { readAnswer } from '../http/answer.ts';
import { rangeField } from '../http/range-field.ts';
import { patiently } from './asking.ts';
import type { ProbedSource } from './probed-source.ts';
import type { Work } from './work.ts';

/** A source with what it said to a probe. */
export interface Probed {
  readonly spec: SourceSpec;
  readonly row: ProbedSource;
}

const sampleSize = 16 * 1024;

/** Rows of one volume, those that differ from the most of them marked: by length, else by bytes at both ends and at one place in between. */
export const compareMirrors = async (work: Work, probed: readonly Probed[]): Promise<readonly ProbedSource[]> => {
  const answered = probed.filter(({ row }) => row.error === undefined);
  const differs = new Map<Probed, string>();
  const lengths = groupsOf(answered, (one, other) => one.row.length === other.row.length);
  for (const one of lengths.slice(1).flat())
    differs.set(one, `its length is ${one.row.length ?? 'unknown'}, not ${lengths[0]?.[0]?.row.length ?? 'unknown'}`);
  const length = answered[0]?.row.length ?? 0;
  if (answered.length > 1 && lengths.length === 1) {
    for (const place of placesOf(length, work.shared.random)) {
      const heard = await Promise.all(answered.map(async (one) => ({ one, bytes: await sampleOf(work, one.spec, place) })));
      const known = heard.flatMap(({ one, bytes }) => (bytes === undefined ? [] : [{ one, bytes }]));
      const groups = groupsOf(known, (a, b) => equal(a.bytes, b.bytes));
      const most = groups[0]?.[0]?.one.row.url;
      for (const { one } of groups.slice(1).flat()) {
        if (!differs.has(one)) differs.set(one, `has other bytes than ${most} between offsets ${place.start} and ${place.end}`);
      }
    }
  }
  return probed.map((one) => {
    const how = differs.get(one);
    return how === undefined ? one.row : { ...one.row, differs: how };
  });
};

/** Those that are the same to each other, the most first. */
const groupsOf = <Item>(items: readonly Item[], same: (one: Item, other: Item) => boolean): readonly (readonly Item[])[] => {
  const groups: [Item, ...Item[]][] = [];
  for (const item of items) {
    const group = groups.find(([first]) => same(first, item));
    if (group === undefined) groups.push([item]);
    else group.push(item);
  }
  return groups.sort((a, b) => b.length - a.length);
};

const placesOf = (length: number, random: Random): readonly Range[] => {
  if (length <= 3 * sampleSize) return length === 0 ? [] : [{ start: 0, end: length }];
  const inside = sampleSize + Math.floor(random() * (length - 3 * sampleSize));
  return [0, inside, length - sampleSize].map((start) => ({ start, end: start + sampleSize }));
};

/** The bytes of `range`; undefined where the source does not give them, which a download would find out in its own way. */
const sampleOf = async (work: Work, source: SourceSpec, range: Range): Promise<Uint8Array | undefined> => {
  try {
    return await patiently(work, source, 'GET', { range: rangeField(range) }, async (response) => {
      if (readAnswer(response, range, work.shared.clock.wall()).kind !== 'part') return undefined;
      const bytes = new Uint8Array(sizeOf(range));
      let filled = 0;
      for await (const chunk of response.body) {
        const part = chunk.bytes.subarray(0, bytes.length - filled);
        bytes.set(part, filled);
        filled += part.length;
        chunk.release();
        if (filled === bytes.length) return bytes;
      }
      return undefined;
    });
  } catch {
    return undefined;
  }
};
