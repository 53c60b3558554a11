import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { headersFor, isRedirect, nextLocation, originOf, withoutCredentials } from '../../src/http/redirect.ts';
import { character } from './characters.ts';

const refusal = (act: () => unknown): HydrantError => {
  try {
    act();
  } catch (error) {
    if (error instanceof HydrantError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a redirect', () => {
  it('is one of the five statuses that name another place for the same thing', () => {
    const found = Array.from({ length: 500 }, (_, index) => index + 100).filter(isRedirect);
    expect(found).toEqual([301, 302, 303, 307, 308]);
  });

  it.each([
    ['http://a/x/y?q', 'z', 'http://a/x/z'],
    ['http://a/x/y', '/z', 'http://a/z'],
    ['http://a/x/y', '//b:8080/z', 'http://b:8080/z'],
    ['https://a/x/y', 'http://a/z', 'http://a/z'],
    ['http://a/x/y', '?q=1', 'http://a/x/y?q=1'],
    ['http://a/x/y', '../../z', 'http://a/z'],
    ['http://a/x', '', 'http://a/x'],
    ['http://a/x', '/z#part', 'http://a/z'],
    ['http://a/x#part', '/z', 'http://a/z'],
    ['http://a/x', '/with space', 'http://a/with%20space'],
    ['http://a/x', '/é', 'http://a/%C3%A9'],
    ['http://a/x', '/\u00d1\u0084', 'http://a/%D1%84'],
    ['http://u:p@a/x', '/z', 'http://u:p@a/z'],
  ])('of %s to %j leads to %s', (current, location, next) => {
    expect(nextLocation(current, location)).toBe(next);
  });

  it.each(['ftp://a/x', 'file:///etc/passwd', 'javascript:alert(1)', 'http://', 'https://a:99999/'])(
    'to %s is refused for good',
    (location) => {
      const error = refusal(() => nextLocation('http://a/x', location));
      expect(error).toMatchObject({ code: 'SOURCE_REFUSED', retry: 'never' });
      expect(error.message).toContain(location);
    },
  );

  it('that is refused keeps the secrets of its target out of the message', () => {
    const error = refusal(() => nextLocation('http://a/x', 'ftp://me:hunter2@b/x?token=abc'));
    expect(error.message).not.toMatch(/hunter2|abc/);
  });

  const pieces = fc
    .array(fc.constantFrom('http:', 'HTTPS:', 'ftp:', '//', '/', 'b', 'b:8080', '..', '?', '#', '%', '%41', '@', ' ', 'é'), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));

  it('anywhere leads to an http URL without fragment or is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: character }), pieces), (location) => {
        try {
          expect(nextLocation('http://a/x', location)).toMatch(/^https?:\/\/[^#]*$/);
        } catch (error) {
          if (!(error instanceof HydrantError)) throw error;
          expect(error.code).toBe('SOURCE_REFUSED');
        }
      }),
    );
  });
});

describe('an origin', () => {
  it.each([
    ['http://A.example:80/x?y#z', 'http://a.example'],
    ['https://a.example:443', 'https://a.example'],
    ['https://a.example:80/', 'https://a.example:80'],
    ['http://user:pass@a.example/', 'http://a.example'],
    ['http://[::0001]:8080/', 'http://[::1]:8080'],
  ])('of %s is %s', (url, origin) => {
    expect(originOf(url)).toBe(origin);
  });

  it('of something that is no URL is an invalid option', () => {
    expect(refusal(() => originOf('no url')).code).toBe('OPTION_INVALID');
  });
});

describe('headers on their way to another origin', () => {
  const headers = {
    Authorization: 'Bearer x',
    COOKIE: 'a=b',
    'proxy-authorization': 'Basic x',
    'X-Api-Key': 'k',
    'Private-Token': 't',
    'X-Mine': 'm',
    Host: 'first.example',
    Range: 'bytes=0-1',
    'If-Range': '"v"',
    'User-Agent': 'u',
  };

  it('lose credentials, keys, those marked secret and a chosen Host, and keep the rest', () => {
    const sent = headersFor(new URL('http://b/'), new URL('http://a/'), headers, new Set(['x-mine']));
    expect(sent).toEqual({ Range: 'bytes=0-1', 'If-Range': '"v"', 'User-Agent': 'u' });
  });

  it.each(['http://b/', 'https://a/', 'http://a:8080/'])('count %s as another origin than http://a/', (next) => {
    expect(headersFor(new URL(next), new URL('http://a/'), headers)).not.toHaveProperty('Authorization');
  });

  it('go whole to the same origin', () => {
    expect(headersFor(new URL('http://a:80/other'), new URL('http://a/'), headers)).toEqual(headers);
  });

  it('are left as they were given', () => {
    const before = { ...headers };
    withoutCredentials(headers);
    expect(headers).toEqual(before);
  });
});
