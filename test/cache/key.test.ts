import { describe, expect, it } from 'vitest';

import { cacheKey, compositeTag } from '../../src/cache/key.ts';

describe('the key of an entry', () => {
  const vectors: readonly [readonly (readonly string[])[], string][] = [
    [[['https://a/f.mp4']], '5e64eb571bec9b6cf95fe35d'],
    [[['https://a/f.mp4', 'https://b/f.mp4']], 'cbc9a0b451289d2df32757db'],
    [[['https://a/p1'], ['https://a/p2']], 'c423fd62056fae4d0a9d4f46'],
    [
      [
        ['https://a/p1', 'https://b/p1'],
        ['https://a/p2', 'https://b/p2'],
      ],
      'e88e6f208f47bda740d6b67d',
    ],
  ];
  for (const [volumes, key] of vectors) {
    it(`of ${JSON.stringify(volumes)} is ${key}`, () => {
      expect(cacheKey(volumes)).toBe(key);
    });
  }

  it('is the same whatever the order of mirrors, and another one for another order of volumes', () => {
    expect(cacheKey([['https://b/f.mp4', 'https://a/f.mp4']])).toBe('cbc9a0b451289d2df32757db');
    expect(cacheKey([['https://a/p2'], ['https://a/p1']])).not.toBe('c423fd62056fae4d0a9d4f46');
  });

  it('sorts by UTF-8 bytes, and keeps what comes twice', () => {
    const [high, low] = ['https://a/\u{1F600}', 'https://a/\uFF5E'];
    // By UTF-16 units the other one is first.
    expect([high, low].sort()[0]).toBe(high);
    expect(cacheKey([[high, low]])).toBe(cacheKey([[low, high]]));
    expect(cacheKey([['https://a/f', 'https://a/f']])).not.toBe(cacheKey([['https://a/f']]));
  });
});

describe('the entity-tag of volumes', () => {
  it('is made of theirs', () => {
    expect(compositeTag(['"e1"', '"e2"'])).toBe('"vols-2ff243fcce5fcc12"');
  });

  it('is there where any volume has one, and that of a single volume is its own', () => {
    expect(compositeTag([undefined, '"e2"'])).toMatch(/^W\/"vols-[0-9a-f]{16}"$/);
    expect(compositeTag([undefined, '"e2"'])).toBe(compositeTag(['', '"e2"']));
    expect(compositeTag([undefined, undefined])).toBeUndefined();
    expect(compositeTag(['W/"e"'])).toBe('W/"e"');
    expect(compositeTag([])).toBeUndefined();
  });

  it('is weak where that of any volume is', () => {
    expect(compositeTag(['W/"e1"', '"e2"'])).toMatch(/^W\/"vols-/);
  });
});
