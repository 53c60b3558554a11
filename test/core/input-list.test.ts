import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { readList } from '../../src/core/input-list.ts';

const placeOf = (line: number) => `l:${line}:`;

describe('the form of a list', () => {
  it('is a line of mirrors per file, and indented settings below it', () => {
    expect(readList('# c\nhttp://a/\thttp://b/\n x = y=z \n\thead=1\r\nhttp://c/', placeOf)).toEqual([
      {
        line: 2,
        urls: ['http://a/', 'http://b/'],
        settings: [
          { key: 'x', value: 'y=z', place: 'l:3:' },
          { key: 'head', value: '1', place: 'l:4:' },
        ],
      },
      { line: 5, urls: ['http://c/'], settings: [] },
    ]);
  });

  it('is entries or OPTION_INVALID, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('http://a/', ' out=b', ' =', '\t#', '\uFEFF', 'x\ty'))), (lines) => {
        try {
          for (const { urls } of readList(lines.join('\n'), placeOf)) expect(urls.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
        }
      }),
    );
  });
});
