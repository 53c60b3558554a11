import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { mapHosts, parseHostRule } from '../../src/transport/hosts.ts';

const map = (...rules: string[]) => mapHosts(rules.map(parseHostRule));

describe('a host rule', () => {
  it('sends a host elsewhere, on the same port', () => {
    expect(map('example.org=127.0.0.1')('example.org', 443)).toEqual({ host: '127.0.0.1', port: 443 });
    expect(map('Example.ORG=Cache.example')('EXAMPLE.org', 80)).toEqual({ host: 'cache.example', port: 80 });
  });

  it('sends it to another port', () => {
    expect(map('example.org=[::1]:8443')('example.org', 443)).toEqual({ host: '::1', port: 8443 });
  });

  it('holds for one port where it names one', () => {
    const mapped = map('example.org:443=127.0.0.1:8443');
    expect(mapped('example.org', 443)).toEqual({ host: '127.0.0.1', port: 8443 });
    expect(mapped('example.org', 80)).toEqual({ host: 'example.org', port: 80 });
  });

  it('holds for all names below a wildcard and not for the name itself', () => {
    const mapped = map('*.example.org=127.0.0.1');
    expect(mapped('a.b.example.org', 80).host).toBe('127.0.0.1');
    expect(mapped('example.org', 80).host).toBe('example.org');
    expect(mapped('badexample.org', 80).host).toBe('badexample.org');
  });

  it('holds for an address', () => {
    expect(map('[2001:db8::1]:80=10.0.0.1')('2001:db8::1', 80)).toEqual({ host: '10.0.0.1', port: 80 });
    expect(map('*=10.0.0.1')('anything', 1)).toEqual({ host: '10.0.0.1', port: 1 });
  });

  it('gives way to one before it', () => {
    expect(map('a.example=10.0.0.1', '*.example=10.0.0.2')('a.example', 80).host).toBe('10.0.0.1');
    expect(map('*.example=10.0.0.2', 'a.example=10.0.0.1')('a.example', 80).host).toBe('10.0.0.2');
  });

  it.each([
    'example.org',
    '=',
    'a=',
    '=b',
    'a=b=c',
    'a b=c',
    'a=::1',
    'a=1.2.3',
    'a=1.2.3.4.5',
    'a=999.1.1.1',
    'a=b:0',
    'a=b:65536',
    'a=b:',
    'a=b:x',
    '*.=b',
    '*x=b',
    'a.*=b',
    'a=*',
    'http://a=b',
    'a=[::1',
    'a=[1.2.3.4]',
    '..=b',
    '-a=b',
  ])('%s is refused', (text) => {
    expect(() => parseHostRule(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.constantFrom('a', '.', '*', ':', '=', '[', ']', '1', '::1', '80', 'example.org', '127.0.0.1', '-', ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          try {
            const rule = parseHostRule(text);
            expect(rule.to.host).not.toBe('');
            expect(rule.from.host).not.toBe('');
          } catch (error) {
            expect(error).toBeInstanceOf(HydrantError);
          }
        },
      ),
    );
  });
});
