import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { configPath, readConfig, readEnvironment } from '../../src/cli/config.ts';
import { hsAliases, hsTable } from '../../src/cli/hs-options.ts';
import { HydrantError } from '../../src/core/errors.ts';
import { optionTable } from '../../src/core/options.ts';

describe('a configuration file', () => {
  it('gives options by their keys', async () => {
    const text = '# mine\nconnections = 12\nper-origin = 4\nlimit = "2M"\nheader = ["A: 1"]\nverbose = true\nstall-timeout = "3s"\n';
    expect(await readConfig(optionTable, text, 'c.toml')).toEqual({
      connections: 12,
      perOrigin: 4,
      limit: 2 * 1024 * 1024,
      header: ['A: 1'],
      verbose: true,
      stallTimeout: 3000,
    });
  });

  it.each([
    ['# mine\n\nconections = 3\n', 'c.toml:3: there is no option "conections" (did you mean connections?)'],
    ['per_origin = 3\n', 'c.toml:1: there is no option "per_origin" (did you mean per-origin?)'],
    ['jobs = 2\n"frobnicate" = 3\n', 'c.toml:2: there is no option "frobnicate"'],
    ['jobs = 1\n[serve]\nbind = "x"\n', 'c.toml:2: there is no option "serve" (did you mean server?)'],
    ['quiet = true\njobs = "many"\n', 'c.toml:2: jobs is a whole number, not "many"'],
    ['quiet = 1\n', 'c.toml:1: quiet is true or false, not number 1'],
    ['proxy = "http://127.0.0.1:1"\n', 'c.toml:1: proxy is not available yet'],
    ['config = "d.toml"\n', 'c.toml:1: there is no option "config"'],
  ])('%j is refused with its line', async (text, message) => {
    await expect(readConfig(optionTable, text, 'c.toml')).rejects.toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('that is no TOML is refused with its line, in one line', async () => {
    const refused = readConfig(optionTable, 'jobs = 1\nconnections = = 3\n', 'c.toml');
    await expect(refused).rejects.toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(/^c\.toml:2: [^\n]+$/) }),
    );
  });

  it('of any text is options or OPTION_INVALID', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const refused = await readConfig(optionTable, text, 'c.toml').then(
          () => undefined,
          (error: unknown) => error,
        );
        if (refused !== undefined) expect(refused).toBeInstanceOf(HydrantError);
      }),
    );
  });

  it('of HydraStream is taken as its text prints it', async () => {
    const sample = 'threads = 128\noutput_dir = "~/downloads"\nverify = true\nspeed_limit = 50.0\nmin-chunk-mb = 5\n';
    const values = { threads: 128, output: '~/downloads', verify: true, limit: 50, minChunkMb: 5 };
    expect(await readConfig(hsTable, sample, 'hs.toml', hsAliases)).toEqual(values);
  });

  it('lies below $XDG_CONFIG_HOME, or below the home where that is no absolute path', () => {
    expect(configPath('hydrant', { XDG_CONFIG_HOME: '/etc/mine' }, '/home/me')).toBe('/etc/mine/hydrant/config.toml');
    for (const base of [undefined, '', 'relative']) {
      expect(configPath('hydrant', { XDG_CONFIG_HOME: base }, '/home/me')).toBe('/home/me/.config/hydrant/config.toml');
    }
  });
});

describe('the environment', () => {
  it('gives options by their names, and what is empty or is not meant for hydrant does not count', () => {
    const environment = { HYDRANT_PER_ORIGIN: '3', HYDRANT_QUIET: '1', HYDRANT_LIMIT: '', HYDRANT_HEADER: 'A: 1\nB: 2', PATH: '/bin' };
    expect(readEnvironment(optionTable, environment)).toEqual({ perOrigin: 3, quiet: true, header: ['A: 1', 'B: 2'] });
  });

  it('may hold what --on-done tells its command', () => {
    expect(readEnvironment(optionTable, { HYDRANT_FILE: 'a', HYDRANT_URL: 'b', HYDRANT_STATUS: 'done' })).toEqual({});
  });

  it.each([
    ['HYDRANT_LIMT', '3', 'HYDRANT_LIMT is no option (did you mean HYDRANT_LIMIT?)'],
    ['HYDRANT_JOBS', 'many', 'HYDRANT_JOBS is a whole number, not "many"'],
    ['HYDRANT_PROXY', 'http://x', 'HYDRANT_PROXY is not available yet'],
  ])('with %s=%s is refused', (name, value, message) => {
    expect(() => readEnvironment(optionTable, { [name]: value })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });
});
