/** What RFC 9110 says of a request for ranges, written down from the standard and sharing nothing with what it is held against. */
import fc from 'fast-check';

/** The file as its answers describe it. */
export interface Described {
  readonly length: number;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** One request, as what it means; `fieldsOf` writes it. */
export interface Wish {
  readonly range: RangeWish | undefined;
  readonly match: readonly Tag[] | '*' | undefined;
  readonly noneMatch: readonly Tag[] | '*' | undefined;
  /** Days from the file's Last-Modified. */
  readonly unmodified: number | undefined;
  readonly modified: number | undefined;
  readonly ifRange: Tag | number | undefined;
}

/** The file's own tag, the same marked weak, or another's. */
type Tag = 'ours' | 'ours-weak' | 'other';

type RangeWish = { readonly text: string } | { readonly specs: readonly Spec[]; readonly separator: string; readonly unit: string };

type Spec =
  | { readonly kind: 'both'; readonly first: number; readonly last: number }
  | { readonly kind: 'from'; readonly first: number }
  | { readonly kind: 'last'; readonly count: number };

/** Ranges as inclusive pairs, as the header text has them. */
export type Pair = readonly [first: number, last: number];

export type Due =
  | { readonly status: 412 | 304 | 416 }
  | { readonly status: 200 }
  /** Each pair that was asked for and is there, in the order asked. */
  | { readonly status: 206; readonly asked: readonly Pair[] };

const huge = '99999999999999999999999';

/** Fields that are no valid `bytes` ranges: all of them are to be ignored. */
const malformed = [
  'bytes=',
  'bytes=-',
  'bytes=5-4',
  'bytes=0-1,5-4',
  'bytes=a-b',
  'bytes=0-5;6-7',
  'bytes=--5',
  'bytes=1-2-3',
  'bytes=+1-2',
  'bytes=0x1-2',
  'bytes 0-5',
  'items=0-5',
  'bytes=0-5,x',
  'bytes=,',
  '0-5',
  `bytes=${huge}9-${huge}`,
];

/** Requests for a file of about `length` bytes. */
export const wishes = (length: number): fc.Arbitrary<Wish> => {
  const offset = fc.oneof(
    { weight: 4, arbitrary: fc.nat(length) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, length - 1, length, length + 1, 65_535, 65_536, 1_048_575, 1_048_576) },
    { weight: 1, arbitrary: fc.integer({ min: length, max: length * 3 }) },
  );
  const reach = fc.oneof(fc.nat(200), fc.nat(150_000), fc.nat(length * 2));
  const spec: fc.Arbitrary<Spec> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ first: offset, more: reach }).map(({ first, more }) => both(first, first + more)) },
    { weight: 2, arbitrary: offset.map((first): Spec => ({ kind: 'from', first })) },
    { weight: 2, arbitrary: fc.oneof(reach, fc.constantFrom(0, 1)).map((count): Spec => ({ kind: 'last', count })) },
  );
  // Small ones, so that several of them are worth sending as parts; more than anybody serves, too.
  const small = fc.record({ first: fc.nat(length), more: fc.nat(3000) }).map(({ first, more }) => both(first, first + more));
  const specs = fc.oneof(
    { weight: 6, arbitrary: fc.array(spec, { minLength: 1, maxLength: 1 }) },
    { weight: 4, arbitrary: fc.array(fc.oneof(small, spec), { minLength: 2, maxLength: 6 }) },
    { weight: 2, arbitrary: fc.array(small, { minLength: 2, maxLength: 40 }) },
  );
  const range: fc.Arbitrary<RangeWish> = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({ specs, separator: fc.constantFrom(',', ', ', ' ,, '), unit: fc.constantFrom('bytes', 'bytes', 'Bytes') }),
    },
    { weight: 2, arbitrary: fc.constantFrom(...malformed).map((text) => ({ text })) },
  );
  const tag = fc.constantFrom<Tag>('ours', 'ours-weak', 'other');
  const list = fc.oneof(fc.constant('*' as const), fc.array(tag, { minLength: 1, maxLength: 3 }));
  const days = fc.integer({ min: -1, max: 1 });
  const rare = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
  return fc.record({
    range: fc.oneof({ weight: 8, arbitrary: range }, { weight: 1, arbitrary: fc.constant(undefined) }),
    match: rare(list),
    noneMatch: rare(list),
    unmodified: rare(days),
    modified: rare(days),
    ifRange: rare(fc.oneof(tag, days)),
  });
};

const both = (first: number, last: number): Spec => ({ kind: 'both', first, last });

const day = 86_400_000;
const someDay = 'Tue, 02 Jan 2024 03:04:05 GMT';

/** `wish` as header fields for `file`. */
export const fieldsOf = (wish: Wish, file: Described): Record<string, string> => {
  const fields: Record<string, string> = {};
  const ours = file.etag ?? '"nothing"';
  const tagText = (tag: Tag): string => ({ ours, 'ours-weak': `W/${ours.replace(/^W\//, '')}`, other: '"other, with a comma"' })[tag];
  const list = (tags: readonly Tag[] | '*'): string => (tags === '*' ? '*' : tags.map(tagText).join(', '));
  const date = (days: number): string => new Date(Date.parse(file.lastModified ?? someDay) + days * day).toUTCString();
  if (wish.range !== undefined) fields.range = 'text' in wish.range ? wish.range.text : rangeText(wish.range);
  if (wish.match !== undefined) fields['if-match'] = list(wish.match);
  if (wish.noneMatch !== undefined) fields['if-none-match'] = list(wish.noneMatch);
  if (wish.unmodified !== undefined) fields['if-unmodified-since'] = date(wish.unmodified);
  if (wish.modified !== undefined) fields['if-modified-since'] = date(wish.modified);
  if (wish.ifRange !== undefined) fields['if-range'] = typeof wish.ifRange === 'number' ? date(wish.ifRange) : tagText(wish.ifRange);
  return fields;
};

const rangeText = ({ specs, separator, unit }: Extract<RangeWish, { specs: readonly Spec[] }>): string => {
  const texts = specs.map((spec) =>
    spec.kind === 'both' ? `${spec.first}-${spec.last}` : spec.kind === 'from' ? `${spec.first}-` : `-${spec.count}`,
  );
  return `${unit}=${texts.join(separator)}`;
};

/** What is due (RFC 9110 §13.2.2, §14.2), with the two bounds that the interface sets: 32 ranges, twice the file. */
export const dueOf = (wish: Wish, file: Described): Due => {
  const strong = file.etag !== undefined && !file.etag.startsWith('W/');
  const known = file.etag !== undefined;
  const dated = file.lastModified !== undefined;
  const strongly = (tag: Tag): boolean => strong && tag === 'ours';
  const weakly = (tag: Tag): boolean => known && tag !== 'other';
  if (wish.match !== undefined) {
    if (wish.match !== '*' && !wish.match.some(strongly)) return { status: 412 };
  } else if (wish.unmodified !== undefined && dated && wish.unmodified < 0) return { status: 412 };
  if (wish.noneMatch !== undefined) {
    if (wish.noneMatch === '*' || wish.noneMatch.some(weakly)) return { status: 304 };
  } else if (wish.modified !== undefined && dated && wish.modified >= 0) return { status: 304 };
  const { range, ifRange } = wish;
  if (range === undefined || 'text' in range) return { status: 200 };
  // Of dates the very one counts.
  const holds = ifRange === undefined || (typeof ifRange === 'number' ? dated && ifRange === 0 : strongly(ifRange));
  if (!holds) return { status: 200 };
  if (range.specs.length > 32) return { status: 200 };
  const asked = range.specs.flatMap((spec) => pairOf(spec, file.length));
  if (asked.length === 0) return { status: 416 };
  const bytes = asked.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return bytes > 2 * file.length ? { status: 200 } : { status: 206, asked };
};

const pairOf = (spec: Spec, length: number): Pair[] => {
  const end = length - 1;
  if (spec.kind === 'last') return spec.count === 0 ? [] : [[Math.max(0, length - spec.count), end]];
  if (spec.first > end) return [];
  return [[spec.first, spec.kind === 'from' ? end : Math.min(spec.last, end)]];
};

/** Parts of a multipart/byteranges body (RFC 9110 §14.6, RFC 2046 §5.1.1), each with its fields. Throws where it is none. */
export const partsOf = (
  contentType: string,
  body: Buffer,
): readonly { readonly type: string; readonly pair: Pair; readonly length: number; readonly bytes: Buffer }[] => {
  const boundary = /^multipart\/byteranges; boundary=([0-9A-Za-z]{1,70})$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`no multipart: ${contentType}`);
  const parts = [];
  let rest = body;
  const eat = (text: string): boolean => {
    if (rest.subarray(0, text.length).toString('latin1') !== text) return false;
    rest = rest.subarray(text.length);
    return true;
  };
  for (let first = true; !eat(`\r\n--${boundary}--\r\n`); first = false) {
    if (!eat(`${first ? '' : '\r\n'}--${boundary}\r\n`)) throw new Error(`no boundary at ${body.length - rest.length}`);
    const headEnd = rest.indexOf('\r\n\r\n');
    const head = rest.subarray(0, headEnd).toString('latin1');
    rest = rest.subarray(headEnd + 4);
    const [, from = '', to = '', length = ''] = /^Content-Range: bytes (\d+)-(\d+)\/(\d+)$/m.exec(head.replaceAll('\r', '')) ?? [];
    const size = Number(to) - Number(from) + 1;
    if (!(size > 0)) throw new Error(`a part without a range: ${head}`);
    const type = /^Content-Type: (.*)$/m.exec(head.replaceAll('\r', ''))?.[1] ?? '';
    parts.push({ type, pair: [Number(from), Number(to)] as const, length: Number(length), bytes: rest.subarray(0, size) });
    rest = rest.subarray(size);
  }
  if (rest.length > 0) throw new Error(`${rest.length} bytes after the end`);
  return parts;
};
