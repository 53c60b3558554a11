import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseSize } from '../../src/core/size.ts';
import { changes, configOf, draftOf } from '../../web/src/form/draft.ts';
import { wordsByField } from '../../web/src/form/server-words.ts';
import { exactSize } from '../../web/src/form/sizes.ts';
import { stepped, written } from '../../web/src/form/volumes.ts';

it('a size that is edited again is the one that was typed, whatever it is', () => {
  expect([2_621_440, 65_536, 1_234_567, 0, 500].map(exactSize)).toEqual(['2.5M', '64K', '1234567', '', '500']);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      expect(parseSize(exactSize(bytes))).toBe(bytes);
    }),
  );
});

it('what the server refuses stands at the field that it names', () => {
  expect(wordsByField('max_split: is 0 (none) or at least 65536 bytes; volumes: "x" is not an http or https URL')).toEqual({
    max_split: 'is 0 (none) or at least 65536 bytes',
    volumes: '"x" is not an http or https URL',
  });
  expect(wordsByField('dns: is tls://IP[:port], or "system"; "8.8" is neither')).toEqual({
    dns: 'is tls://IP[:port], or "system"; "8.8" is neither',
  });
  expect(wordsByField('task 1: chacha20: the secret is missing', ['chacha20'])).toEqual({
    rest: 'task 1: chacha20: the secret is missing',
  });
  expect(wordsByField('there are 9 tasks already')).toEqual({ rest: 'there are 9 tasks already' });
});

it('a form that nobody touched changes nothing', () => {
  const draft = draftOf({ volumes: [['http://a/1', 'http://b/1'], ['http://a/2']], max_split: 1_234_567, max_threads: 8 });
  expect(changes(configOf(draft, {}), configOf({ ...draft, name: 'new' }, {}))).toEqual({ name: 'new' });
});

it('a mirror goes on into the next volume at the edge of its own, and lines that are pasted become mirrors and volumes', () => {
  const { volumes } = draftOf({ volumes: [['a', 'b'], ['c']] });
  const urls = (all: typeof volumes): readonly (readonly string[])[] => all.map(({ mirrors }) => mirrors.map(({ url }) => url));
  expect(urls(stepped(volumes, { volume: 0, mirror: 1 }, 1).volumes)).toEqual([['a'], ['b', 'c']]);
  expect(urls(stepped(volumes, { volume: 1, mirror: 0 }, -1).volumes)).toEqual([['a', 'b', 'c'], []]);
  expect(urls(written(volumes, { volume: 0, mirror: 1 }, 'x\ny\n\nz'))).toEqual([['a', 'x', 'y'], ['z'], ['c']]);
});
