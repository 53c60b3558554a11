import { describe, expect, it } from 'vitest';

import { buildFilters, checkFilterGlobal, checkFilters, describeFilter, describeFilters } from '../../src/filter/catalogue.ts';

const secret = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff000102030405060708090a0b';
const key = secret.slice(0, 64);
const nonce = secret.slice(64);
const use = (config: unknown, enabled = true, id = 'chacha20') => ({ id, enabled, config });
const invalid = (message: RegExp) => expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) });

describe('the catalogue', () => {
  it('tells of each filter what forms are made from', () => {
    const [chacha20, ...others] = describeFilters({});
    expect(others).toEqual([]);
    expect(Object.keys(chacha20 ?? {}).toSorted()).toEqual(
      [
        ...['id', 'name', 'description', 'global_fields', 'task_fields', 'forward_fields'],
        ...['has_forward', 'default_global', 'default_task', 'global'],
      ].toSorted(),
    );
    expect(chacha20).toMatchObject({ id: 'chacha20', default_global: { buffer_size: '64K' }, default_task: { secret: '' } });
    expect(chacha20?.task_fields).toMatchObject([{ key: 'secret', kind: 'hex', required: true, generate_random_bytes: 44 }]);
    expect(chacha20?.forward_fields.map(({ key, kind }) => `${key} ${kind}`)).toEqual([
      'input_path path',
      'output_dir dir_path',
      'filename_prefix text',
      'volume_suffix text',
      'max_volume_size size',
      'split_mode select',
      'encrypt boolean',
      'generate_missing boolean',
    ]);
    expect(chacha20?.global).toEqual({ buffer_size: '64K' });
    expect(describeFilters({ chacha20: { buffer_size: '1M' } })[0]?.global).toEqual({ buffer_size: '1M' });
    expect(describeFilter('chacha20').has_forward).toBe(true);
  });

  it('builds what is enabled, from a secret or the older pair, and the secret wins', () => {
    const of = (config: unknown) => Buffer.from(buildFilters([use(config)])?.apply(0, Buffer.from('hello world')) ?? []).toString('hex');
    expect(of({ secret })).toBe('01c0fab6bded7620cc9ed3');
    expect(of({ key, nonce })).toBe('01c0fab6bded7620cc9ed3');
    expect(of({ key, nonce, secret: '  ' })).toBe('01c0fab6bded7620cc9ed3');
    expect(of({ key: 'nonsense', secret })).toBe('01c0fab6bded7620cc9ed3');
    expect(buildFilters([])).toBeUndefined();
    expect(buildFilters([use({ secret }, false)])).toBeUndefined();
  });

  it.each([
    [{}, /^chacha20: a secret is needed: 44 bytes, 88 hex/],
    [null, /^chacha20: a secret is needed/],
    [{ secret: 'not-hex' }, /^chacha20: the secret is not hexadecimal: .*44.*88/],
    [{ secret: secret.slice(2) }, /^chacha20: the secret is 44 bytes, 88 hexadecimal digits, not 86/],
    [{ secret: `${secret}0` }, /88 hexadecimal digits, not 89/],
    [{ secret: 5 }, /^chacha20: secret is text/],
    [{ key }, /^chacha20: there is no nonce: key and nonce come together/],
    [{ nonce }, /^chacha20: there is no key/],
    [{ key: key.slice(2), nonce }, /^chacha20: the key is 32 bytes, 64 hexadecimal digits, not 62/],
    [{ key, nonce: `${nonce}00` }, /^chacha20: the nonce is 12 bytes, 24 hexadecimal digits, not 26/],
    [{ secrte: secret }, /^chacha20: there is no "secrte" \(did you mean secret\?\)/],
    ['text', /^chacha20: a configuration is an object/],
    [[], /^chacha20: a configuration is an object/],
  ])('refuses %j, and never shows what was given as a secret', (config, message) => {
    expect(() => checkFilters([use(config)])).toThrow(invalid(message));
    expect(() => buildFilters([use(config)])).toThrow(invalid(message));
    checkFilters([use(config, false)]);
    try {
      checkFilters([use(config)]);
    } catch (error) {
      expect(String(error)).not.toContain(secret.slice(2, 40));
    }
  });

  it('refuses a filter that is not there, unless it is disabled', () => {
    expect(() => checkFilters([use({}, true, 'nope')])).toThrow(invalid(/^unknown plugin "nope"/));
    expect(() => describeFilter('chacha')).toThrow(invalid(/^unknown plugin "chacha" \(did you mean chacha20\?\)/));
    expect(() => checkFilterGlobal('toString', {})).toThrow(invalid(/^unknown plugin/));
    checkFilters([use({}, false, 'nope')]);
  });

  it.each([{}, null, { buffer_size: '64K' }, { buffer_size: 4096 }, { buffer_size: '64M' }, { buffer_size: '' }])(
    'takes %j as a global configuration',
    (config) => {
      checkFilterGlobal('chacha20', config);
    },
  );

  it.each([
    [{ buffer_size: '4095' }, /^chacha20: buffer_size is from 4K to 64M/],
    [{ buffer_size: 64 * 1_048_576 + 1 }, /^chacha20: buffer_size is from 4K to 64M/],
    [{ buffer_size: 'much' }, /^chacha20: buffer_size is a size/],
    [{ buffer_size: -1 }, /^chacha20: buffer_size is a size/],
    [{ buffer: 1 }, /^chacha20: there is no "buffer"/],
    [7, /^chacha20: a configuration is an object/],
  ])('refuses %j as a global configuration', (config, message) => {
    expect(() => checkFilterGlobal('chacha20', config)).toThrow(invalid(message));
  });
});
