import { describe, expect, it } from 'vitest';

import { redactUrl } from '../../src/core/errors.ts';

describe('redactUrl', () => {
  it.each([
    'pwd',
    'session',
    'SessionId',
    'sid',
    'connect.sid',
    'sess',
    'sess_id',
    'PHPSESSID',
    'jsessionid',
    'user_pwd',
    'token',
    'api_key',
  ])('stars the value of %s', (key) => {
    expect(redactUrl(`https://a.example/x?a=1&${key}=hidden&b=2`)).toBe(`https://a.example/x?a=1&${key}=***&b=2`);
  });

  it('leaves out who asks, and the fragment with all that is in it', () => {
    expect(redactUrl('https://me:hidden@a.example/x?a=1#token=hidden\nhidden')).toBe('https://***@a.example/x?a=1');
  });

  it.each(['side', 'inside', 'assess', 'process', 'page'])('leaves the value of %s', (key) => {
    expect(redactUrl(`/x?${key}=shown`)).toBe(`/x?${key}=shown`);
  });

  it('shows a web address whole, however long', () => {
    const url = `https://a.example/${'x'.repeat(500)}`;
    expect(redactUrl(url)).toBe(url);
  });

  it.each(['javascript:', 'data:text/plain,', 'mailto:'])('shows no more than 60 characters of what starts with %s', (start) => {
    const text = `${start}${'x'.repeat(500)}`;
    expect(redactUrl(text)).toBe(`${text.slice(0, 59)}…`);
    expect(redactUrl(`${start}x`)).toBe(`${start}x`);
  });
});
