import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { Request } from '../../src/core/ports.ts';
import { isPublic, publicLookup } from '../../src/transport/address-policy.ts';
import type { DialOptions } from '../../src/transport/dial.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { httpServer } from './servers.ts';

describe('an address', () => {
  it.each([
    ['this network', '0.0.0.0'],
    ['this network, further on', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback, its end', '127.255.255.254'],
    ['private, 10/8', '10.0.0.1'],
    ['private, 172.16/12', '172.31.255.255'],
    ['private, 192.168/16', '192.168.1.1'],
    ['link-local, where clouds keep their secrets', '169.254.169.254'],
    ["a carrier's inner network", '100.64.0.1'],
    ["a carrier's inner network, its end", '100.127.255.255'],
    ['set aside for protocols', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['the 6to4 relay', '192.88.99.1'],
    ['benchmarks', '198.18.0.1'],
    ['documentation, the second', '198.51.100.1'],
    ['documentation, the third', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['multicast, its end', '239.255.255.255'],
    ['set aside', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback of IPv6', '::1'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['IPv4-compatible, whatever is in it', '::8.8.8.8'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['mapped private', '::ffff:10.0.0.1'],
    ['mapped link-local', '::ffff:a9fe:a9fe'],
    ['translated (SIIT)', '::ffff:0:127.0.0.1'],
    ['NAT64 around loopback', '64:ff9b::7f00:1'],
    ['NAT64 around private', '64:ff9b::10.0.0.1'],
    ['NAT64 of a network of its own', '64:ff9b:1::8.8.8.8'],
    ['6to4 around loopback', '2002:7f00:1::1'],
    ['6to4 around private', '2002:c0a8:101::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['ISATAP around private', '2600::5efe:192.168.0.1'],
    ['ISATAP around private, marked global', '2600::200:5efe:10.0.0.1'],
    ['unique local', 'fd00::1'],
    ['unique local, the other half', 'fc00::1'],
    ['link-local of IPv6', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast of IPv6', 'ff02::1'],
    ['discard only', '100::1'],
    ['benchmarks of IPv6', '2001:2::1'],
    ['documentation of IPv6', '2001:db8::1'],
    ['documentation of IPv6, the new one', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['given to nobody', '4000::1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('that is %s is not public: %s', (_, address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '128.0.0.1',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '193.0.14.129',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('of the Internet is public: %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it('of IPv4 is judged alike however IPv6 holds it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const words = [(a << 8) | b, (c << 8) | d].map((word) => word.toString(16)).join(':');
        const held = [`::ffff:${address}`, `::ffff:${words}`, `64:ff9b::${words}`, `2002:${words}::1`];
        expect(held.map(isPublic)).toEqual(held.map(() => isPublic(address)));
      }),
    );
  });

  it('may be any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof isPublic(text) === 'boolean'));
  });
});

const resolving =
  (...found: readonly string[]): LookupFunction =>
  (_, { all }, done) => {
    const addresses: LookupAddress[] = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (all === true) done(null, addresses);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };

const ask = (lookup: LookupFunction, options: object): Promise<unknown> =>
  new Promise((resolve, reject) => lookup('a.example', options, (error, ...found) => (error === null ? resolve(found) : reject(error))));

describe('a name', () => {
  it('that has public addresses and others has only the public ones', async () => {
    const lookup = publicLookup(resolving('10.0.0.1', '1.1.1.1', '::1', '2606:4700::1'));
    expect(await ask(lookup, { all: true })).toEqual([
      [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
    ]);
    expect(await ask(lookup, {})).toEqual(['1.1.1.1', 4]);
  });

  it('that has no public address is refused for good, with the address that it has', async () => {
    await expect(ask(publicLookup(resolving('192.168.0.1')), { all: true })).rejects.toMatchObject({
      code: 'FORBIDDEN_ADDRESS',
      retry: 'never',
      message: expect.stringContaining('a.example (192.168.0.1)'),
    });
  });

  it('that cannot be resolved fails as it does without a policy', async () => {
    const failing: LookupFunction = (_name, _options, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    await expect(ask(publicLookup(failing), {})).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

const get = (url: string): Request => ({ method: 'GET', url, headers: {} });

const make = (options: DialOptions): GeneralTransport => {
  const transport = new GeneralTransport({ policy: 'public', ...options });
  onTestFinished(() => transport.close());
  return transport;
};

describe('a source under the policy', () => {
  it.each([
    ['an address', '127.0.0.1', {}],
    ['an address in an odd form', '0x7f.1', {}],
    ['an address as one number', '2130706433', {}],
    ['an address in octal', '0177.0.0.01', {}],
    ['a mapped address', '[::ffff:127.0.0.1]', {}],
    ['a name of this machine', 'localhost', {}],
    ['a name that resolves here', 'a.example', { lookup: resolving('127.0.0.1') }],
    ['a name that is mapped here', 'a.example', { map: (_: string, port: number) => ({ host: '127.0.0.1', port }) }],
  ] satisfies [string, string, DialOptions][])('is refused for good without a connection: %s', async (_, host, options) => {
    const server = await httpServer((_, response) => response.end('secret'));
    for (const scheme of ['http', 'https']) {
      await expect(make(options).open(get(`${scheme}://${host}:${server.port}/`))).rejects.toMatchObject({
        code: 'FORBIDDEN_ADDRESS',
        retry: 'never',
      });
    }
    expect(server.accepted).toBe(0);
  });

  it('is looked up once for each connection, which goes to the address that was checked', async () => {
    let asked = 0;
    const changing: LookupFunction = (name, options, done) => {
      asked++;
      resolving(asked === 1 ? '127.0.0.1' : '1.1.1.1')(name, options, done);
    };
    await expect(make({ lookup: changing }).open(get('http://a.example:1/'))).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    expect(asked).toBe(1);
  });
});
