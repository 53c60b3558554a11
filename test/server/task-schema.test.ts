import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { parseSettings } from '../../src/server/settings-schema.ts';
import { parsePatch, parseTask, threadsOf } from '../../src/server/task-schema.ts';

const a = 'https://a.invalid/f.bin';
const b = 'https://b.invalid/f.bin';

/** The message with which `act` refuses. */
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(HydrantError);
    expect((error as HydrantError).code).toBe('OPTION_INVALID');
    return (error as HydrantError).message;
  }
  throw new Error('it was not refused');
};

describe('sources', () => {
  const shapes: readonly (readonly [unknown, unknown])[] = [
    [{ url: a }, [[a]]],
    [{ url: ` ${a} ` }, [[a]]],
    [{ urls: [a, b] }, [[a, b]]],
    [{ uri: [[a], [b]] }, [[a], [b]]],
    [{ uris: [a], url: b }, [[b]]],
    [{ volumes: [], urls: a }, [[a]]],
    [{ volumes: null, urls: a }, [[a]]],
    [{ volumes: [[a, ''], [], ['  ']] }, [[a]]],
    [{ volumes: a, url: b }, [[a]]],
  ];
  for (const [body, volumes] of shapes) {
    it(`${JSON.stringify(body)} has the volumes ${JSON.stringify(volumes)}`, () => {
      expect(parseTask(body).config.volumes).toEqual(volumes);
    });
  }

  const refused: readonly (readonly [unknown, string])[] = [
    [{ name: 'x' }, 'url'],
    [{ url: '' }, 'url'],
    [{ url: 5 }, 'url'],
    [{ volumes: [a, [b]] }, 'mirrors'],
    [{ url: 'ftp://a/b' }, 'http or https'],
    [{ url: 'file:///etc/passwd' }, 'http or https'],
    [{ url: 'a.invalid/x' }, 'https://a.invalid/x is one'],
    [{ url: 'https://a.invalid/x\r\nHost: b' }, 'control characters'],
    [{ url: 'javascript:alert(1)' }, 'http or https'],
    [{ urls: Array.from({ length: 4097 }, (_, i) => `${a}?${i}`) }, '4096'],
    [{ url: `https://a/${'x'.repeat(9000)}` }, '8192'],
  ];
  for (const [body, word] of refused) {
    it(`${JSON.stringify(body).slice(0, 60)} is refused and told “${word}”`, () => {
      expect(refusal(() => parseTask(body))).toContain(word);
    });
  }

  it('a refusal shows no secret of a URL', () => {
    expect(refusal(() => parseTask({ url: 'ftp://me:geheim@a/b?token=abc' }))).not.toMatch(/geheim|abc/);
  });
});

describe('fields of a task', () => {
  it('what nobody said has its default', () => {
    expect(parseTask({ url: a })).toEqual({
      startCache: false,
      config: {
        volumes: [[a]],
        max_threads: null,
        max_per_volume: 4,
        max_split: 0,
        cache: false,
        headers: {},
        name: null,
        output_filename: null,
        auto_filename: true,
        rate_limit_bps: 0,
        rate_limit_algorithm: 'token_bucket',
        persist: true,
        plugins: [],
        content_disposition: 'auto',
        host_mappings: [],
      },
    });
  });

  it('connections are what was told, else what the volumes allow, 128 at most', () => {
    expect(threadsOf(parseTask({ volumes: [[a], [b]] }).config)).toBe(8);
    expect(threadsOf(parseTask({ url: a, max_threads: 16 }).config)).toBe(16);
    expect(threadsOf(parseTask({ volumes: Array.from({ length: 50 }, () => [a]) }).config)).toBe(128);
  });

  const sizes: readonly (readonly [unknown, number])[] = [
    [1_000_000, 1_000_000],
    ['8M', 8_388_608],
    ['64KiB', 65_536],
    ['64 kb', 65_536],
    ['1.5 GB', 1_610_612_736],
    ['1T', 2 ** 40],
    ['70000B', 70_000],
    [0, 0],
  ];
  for (const [text, bytes] of sizes) {
    it(`the size ${JSON.stringify(text)} is ${bytes} bytes`, () => {
      expect(parseTask({ url: a, max_split: text }).config.max_split).toBe(bytes);
    });
  }

  const refused: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ max_treads: 32 }, 'max_treads" (did you mean max_threads?)'],
    [{ max_treads: 32 }, 'max_per_volume'],
    [{ max_threads: 0 }, 'max_threads'],
    [{ max_threads: 129 }, 'max_threads'],
    [{ max_threads: 1.5 }, 'max_threads'],
    [{ max_per_volume: 0 }, 'max_per_volume'],
    [{ max_split: 1000 }, 'max_split'],
    [{ max_split: -1 }, 'max_split'],
    [{ max_split: '-1M' }, 'max_split'],
    [{ max_split: '' }, 'max_split'],
    [{ max_split: 1.5 }, 'max_split'],
    [{ max_split: true }, 'max_split'],
    [{ cache: 'yes' }, 'cache'],
    [{ headers: { 'X y': '1' } }, 'X y'],
    [{ headers: { X: 'a\r\nY: b' } }, 'header X'],
    [{ headers: { Range: 'bytes=0-1' } }, 'Range'],
    [{ headers: { X: 5 } }, 'headers.X'],
    [{ headers: [] }, 'headers'],
    [{ name: 5 }, 'name'],
    [{ content_disposition: 'both' }, 'content_disposition'],
    [{ rate_limit_algorithm: 'x' }, 'rate_limit_algorithm'],
    [{ rate_limit_bps: 'fast' }, 'rate_limit_bps'],
    [{ host_mappings: [{ from: 'a', to: 'https://b/c' }] }, 'host mapping'],
    [{ host_mappings: [{ from: 'a', to: 'https://b/c' }] }, 'bare host'],
    [{ host_mappings: [{ from: 'a:80', to: 'b' }] }, 'bare host'],
    [{ host_mappings: [{ from: 'a', to: 'b', port: 1 }] }, 'port'],
    [{ plugins: [{ id: '' }] }, 'plugins[0].id'],
    [{ plugins: {} }, 'plugins'],
    [{ start_cache: 'true' }, 'start_cache'],
  ];
  for (const [fields, word] of refused) {
    it(`${JSON.stringify(fields)} is refused and told “${word}”`, () => {
      expect(refusal(() => parseTask({ url: a, ...fields }))).toContain(word);
      if (!('start_cache' in fields)) expect(refusal(() => parsePatch(fields))).toContain(word);
    });
  }

  for (const body of [null, [], 'x', 5, true]) {
    it(`${JSON.stringify(body)} is no task`, () => expect(refusal(() => parseTask(body))).toContain('object'));
  }

  it('host mappings nobody filled in are left out, those that are off may be wrong', () => {
    const host_mappings = [
      { from: ' ', to: '' },
      { from: 'cdn.invalid', to: '10.0.0.1:8443' },
      { from: '*.cdn.invalid', to: '[::1]:80' },
      { from: 'b', to: 'https://x/', enabled: false },
    ];
    expect(parseTask({ url: a, host_mappings }).config.host_mappings).toEqual([
      { from: 'cdn.invalid', to: '10.0.0.1:8443', enabled: true },
      { from: '*.cdn.invalid', to: '[::1]:80', enabled: true },
      { from: 'b', to: 'https://x/', enabled: false },
    ]);
  });
});

describe('a patch', () => {
  it('has only what was said', () => {
    expect(parsePatch({})).toEqual({});
    expect(parsePatch({ name: 'x', cache: true })).toEqual({ name: 'x', cache: true });
    expect(parsePatch({ url: b })).toEqual({ volumes: [[b]] });
  });

  it('null clears the names, the cap and the limit, and is nothing elsewhere', () => {
    const nulls = Object.fromEntries(
      ['name', 'output_filename', 'max_threads', 'rate_limit_bps', 'cache', 'headers', 'plugins', 'max_split', 'persist'].map((key) => [
        key,
        null,
      ]),
    );
    expect(parsePatch(nulls)).toEqual({ name: null, output_filename: null, max_threads: null, rate_limit_bps: 0 });
  });

  it('takes a blank name for none', () => expect(parsePatch({ name: '  ' })).toEqual({ name: null }));

  for (const body of [{ volumes: null }, { volumes: [] }, { url: '' }, { urls: [[]] }, { start_cache: true }]) {
    it(`${JSON.stringify(body)} is refused`, () => {
      expect(refusal(() => parsePatch(body))).toContain(Object.keys(body)[0] === 'start_cache' ? 'start_cache' : 'volumes');
    });
  }
});

describe('settings', () => {
  it('null and 0 are no limit, and null is no resolver', () => {
    expect(parseSettings({ global_rate_limit_bps: null, dns: null, host_mappings: null })).toEqual({ global_rate_limit_bps: 0, dns: null });
    expect(parseSettings({ global_rate_limit_bps: '2M' })).toEqual({ global_rate_limit_bps: 2_097_152 });
  });

  const resolvers: readonly (readonly [string, string | null])[] = [
    ['', null],
    ['system', null],
    ['tls://127.0.0.1:1', 'tls://127.0.0.1:1'],
    ['dot://1.1.1.1', 'tls://1.1.1.1'],
    ['1.1.1.1:853', 'tls://1.1.1.1'],
    ['tls://[2606:4700::1111]:853', 'tls://[2606:4700::1111]'],
    ['2606:4700::1111', 'tls://[2606:4700::1111]'],
  ];
  for (const [dns, setting] of resolvers) {
    it(`the resolver ${JSON.stringify(dns)} is kept as ${setting}`, () => expect(parseSettings({ dns })).toEqual({ dns: setting }));
  }
  for (const dns of ['dns.google', 'tls://dns.google', 'https://1.1.1.1', '1.1.1.1:0', 'tls://1.1.1.1/x']) {
    it(`the resolver ${dns} is refused`, () => expect(refusal(() => parseSettings({ dns }))).toContain('tls://IP'));
  }

  it('an unknown one is refused with the nearest', () => {
    expect(refusal(() => parseSettings({ global_rate_limit: 1 }))).toContain('global_rate_limit_bps');
  });
});
