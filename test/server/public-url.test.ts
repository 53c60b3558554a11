import { describe, expect, it } from 'vitest';

import { parseAllowedHost, parseOrigin, parsePublicUrl } from '../../src/server/public-url.ts';

const refused = (says: RegExp): unknown => expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(says) });

describe('a public URL', () => {
  it.each([
    ['https://example.org', { href: 'https://example.org', origin: 'https://example.org', host: 'example.org', base: '' }],
    ['https://Example.ORG:443/', { href: 'https://example.org', origin: 'https://example.org', host: 'example.org', base: '' }],
    [
      'http://example.org:8080/a/b//',
      { href: 'http://example.org:8080/a/b', origin: 'http://example.org:8080', host: 'example.org', base: '/a/b' },
    ],
    ['http://[::1]:9527/x', { href: 'http://[::1]:9527/x', origin: 'http://[::1]:9527', host: '[::1]', base: '/x' }],
  ])('%s is read', (text, url) => {
    expect(parsePublicUrl(text)).toEqual(url);
  });

  it.each([
    'example.org',
    'ftp://example.org',
    'https://',
    'https://u:p@example.org',
    'https://example.org/?a=1',
    'https://example.org/#a',
    '',
  ])('%j is refused', (text) => {
    expect(() => parsePublicUrl(text)).toThrow(refused(/^--public-url /));
  });

  it('that is refused keeps its password to itself', () => {
    expect(() => parsePublicUrl('https://u:secret@example.org')).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/secret/) }),
    );
  });
});

describe('an origin that is allowed', () => {
  it.each([
    ['https://player.example.org', 'https://player.example.org'],
    ['https://player.example.org/', 'https://player.example.org'],
    ['HTTP://localhost:3000', 'http://localhost:3000'],
  ])('%s is read', (text, origin) => {
    expect(parseOrigin(text)).toBe(origin);
  });

  it.each([
    '*',
    'null',
    'player.example.org',
    'https://player.example.org/page',
    'https://player.example.org:443/a',
    'file:///a',
    'https://u@a.example',
  ])('%j is refused', (text) => {
    expect(() => parseOrigin(text)).toThrow(refused(/^--allow-origin .*write it like/));
  });
});

describe('a host that is allowed', () => {
  it.each(['media.example.org', 'NAS', 'a_b.example.', '[fd00::1]', '192.168.0.1'])('%s is read', (text) => {
    expect(parseAllowedHost(text)).toBe(text.toLowerCase());
  });

  it.each(['https://media.example.org', 'media.example.org:9527', 'media example', '*.example.org', ''])('%j is refused', (text) => {
    expect(() => parseAllowedHost(text)).toThrow(refused(/^--allow-host /));
  });
});
