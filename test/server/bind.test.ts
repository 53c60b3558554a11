import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { type Bind, bindText, isLocal, parseBind } from '../../src/server/bind.ts';

describe('a place to listen', () => {
  it.each<[string, Bind, boolean]>([
    ['127.0.0.1:9527', { kind: 'tcp', host: '127.0.0.1', port: 9527 }, true],
    ['127.8.9.1:0', { kind: 'tcp', host: '127.8.9.1', port: 0 }, true],
    ['localhost:80', { kind: 'tcp', host: 'localhost', port: 80 }, true],
    ['[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }, true],
    ['[0:0:0:0:0:0:0:1]:1', { kind: 'tcp', host: '0:0:0:0:0:0:0:1', port: 1 }, true],
    ['0.0.0.0:9527', { kind: 'tcp', host: '0.0.0.0', port: 9527 }, false],
    ['[::]:9527', { kind: 'tcp', host: '::', port: 9527 }, false],
    ['media.example.org:443', { kind: 'tcp', host: 'media.example.org', port: 443 }, false],
    ['localhost.example.org:443', { kind: 'tcp', host: 'localhost.example.org', port: 443 }, false],
    ['unix:/run/hydrant.sock', { kind: 'unix', path: '/run/hydrant.sock' }, true],
    ['unix:hydrant.sock', { kind: 'unix', path: 'hydrant.sock' }, true],
  ])('%s is read, and known to be local or not', (text, bind, local) => {
    expect(parseBind(text)).toEqual(bind);
    expect(isLocal(bind)).toBe(local);
    expect(bindText(bind)).toBe(text);
  });

  it.each([
    ['9527', /write 127\.0\.0\.1:9527/],
    ['127.0.0.1', /ADDR:PORT/],
    [':9527', /0\.0\.0\.0/],
    ['127.0.0.1:65536', /65535/],
    ['127.0.0.1:-1', /ADDR:PORT/],
    ['::1:9527', /brackets/],
    ['[127.0.0.1]:9527', /no such host/],
    ['[::g]:9527', /no such host/],
    ['256.0.0.1:9527', /no such host/],
    ['a b:9527', /no such host/],
    ['unix:', /path/],
    [`unix:/${'a'.repeat(200)}`, /bytes/],
    ['', /ADDR:PORT/],
  ])('%j is refused with what to write', (text, says) => {
    expect(() => parseBind(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(says) }));
  });

  it('of any text is one that is written as it was read, or OPTION_INVALID', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          expect(parseBind(bindText(parseBind(text)))).toEqual(parseBind(text));
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
        }
      }),
    );
  });
});
