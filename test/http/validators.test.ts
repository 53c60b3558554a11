import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Validator } from '../../src/core/representation.ts';
import { ifRangeOf, sameVersion, strongMatch, validatorOf, weakMatch } from '../../src/http/validators.ts';

const monday = 'Mon, 05 Jan 2026 10:00:00 GMT';
const tuesday = 'Tue, 06 Jan 2026 10:00:00 GMT';

const validator = (etag?: string, lastModified?: string): Validator => ({
  ...(etag === undefined ? {} : { etag }),
  ...(lastModified === undefined ? {} : { lastModified }),
});

describe('the validator of an answer', () => {
  it.each(['"abc"', 'W/"abc"', 'w/"abc"', '"é"', '5f3c-1a'])('has the entity-tag %s', (etag) => {
    expect(validatorOf(new Map([['etag', etag]]))).toEqual({ etag });
  });

  it.each(['', '""', 'W/""', '"a", "a"', '"a', 'a b', '"a"b"'])('has no entity-tag %j', (etag) => {
    expect(
      validatorOf(
        new Map([
          ['etag', etag],
          ['last-modified', monday],
        ]),
      ),
    ).toEqual({ lastModified: monday });
  });

  it('is empty where the answer has none', () => {
    expect(validatorOf(new Map([['last-modified', ' ']]))).toEqual({});
  });
});

describe('entity-tags', () => {
  it.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ])('%s and %s match strongly: %s, weakly: %s (RFC 9110 §8.8.3.2)', (a, b, strong, weak) => {
    expect([strongMatch(a, b), weakMatch(a, b)]).toEqual([strong, weak]);
  });
});

describe('two versions', () => {
  it.each<[string, Validator, Validator, ReturnType<typeof sameVersion>]>([
    ['equal strong tags', validator('"1"', monday), validator('"1"', tuesday), 'same'],
    ['different strong tags', validator('"1"', monday), validator('"2"', monday), 'different'],
    ['different dates', validator(undefined, monday), validator(undefined, tuesday), 'different'],
    ['different dates and equal weak tags', validator('W/"1"', monday), validator('W/"1"', tuesday), 'different'],
    ['equal dates', validator(undefined, monday), validator(undefined, monday), 'same'],
    ['equal dates and a tag on one side', validator('"1"', monday), validator(undefined, monday), 'same'],
    ['equal dates and equal weak tags', validator('W/"1"', monday), validator('W/"1"', monday), 'same'],
    ['equal dates and tags that differ in strength alone', validator('W/"1"', monday), validator('"1"', monday), 'same'],
    ['equal dates and different weak tags', validator('W/"1"', monday), validator('W/"2"', monday), 'unknown'],
    ['equal weak tags alone', validator('W/"1"'), validator('W/"1"'), 'unknown'],
    ['different weak tags alone', validator('W/"1"'), validator('W/"2"'), 'unknown'],
    ['a tag on one side and a date on the other', validator('"1"'), validator(undefined, monday), 'unknown'],
    ['nothing at all', {}, {}, 'unknown'],
  ])('with %s are judged', (_name, a, b, verdict) => {
    expect(sameVersion(a, b)).toBe(verdict);
    expect(sameVersion(b, a)).toBe(verdict);
  });

  it('are never different from themselves', () => {
    const tag = fc.option(fc.constantFrom('"1"', 'W/"1"', '2'), { nil: undefined });
    const date = fc.option(fc.constantFrom(monday, tuesday), { nil: undefined });
    fc.assert(
      fc.property(tag, date, (etag, lastModified) => {
        const one = validator(etag, lastModified);
        const strong = (etag !== undefined && !etag.startsWith('W/')) || lastModified !== undefined;
        expect(sameVersion(one, { ...one })).toBe(strong ? 'same' : 'unknown');
      }),
    );
  });
});

describe('If-Range', () => {
  it.each<[string, Validator, string | undefined, string | undefined]>([
    ['a strong tag', validator('"1"', monday), tuesday, '"1"'],
    ['nothing for a weak tag, even with a date', validator('W/"1"', monday), tuesday, undefined],
    ['nothing for a tag without quotes', validator('1', monday), tuesday, undefined],
    ['a date that was old when it was sent', validator(undefined, monday), tuesday, monday],
    ['nothing for a date of that very second', validator(undefined, monday), monday, undefined],
    ['nothing for a date of unknown age', validator(undefined, monday), undefined, undefined],
    ['nothing for a date that is none', validator(undefined, 'yesterday'), tuesday, undefined],
  ])('is %s', (_name, known, date, field) => {
    expect(ifRangeOf(known, date)).toBe(field);
  });
});
