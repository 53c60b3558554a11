import { describe, expect, it } from 'vitest';

import type { HsOptions } from '../../src/cli/hs-options.ts';
import { hsCode, hsManner, hydrantOptions } from '../../src/cli/hs-settings.ts';
import type { Options } from '../../src/core/options.ts';

const MiB = 2 ** 20;
const settings = (said: HsOptions, own: Partial<Options> = {}, count = 1): Options => hydrantOptions(own, said, count);

describe('the options of hs', () => {
  it('mean what HydraStream says, in MiB', () => {
    const said = { threads: 20, limit: 2.5, buffer: 100, noUi: true, json: true, output: './data', verify: false } as const;
    expect(settings(said)).toMatchObject({
      connections: 20,
      limit: 2.5 * MiB,
      buffer: 100 * MiB,
      progress: false,
      json: 2,
      output: './data/',
      verify: false,
    });
  });

  it('leave to hydrant what nobody says, but for the directory', () => {
    expect(settings({})).toMatchObject({ output: 'download/', connections: undefined, limit: undefined, quiet: false, progress: true });
  });

  it("count more than hydrant's own configuration, which counts where they say nothing", () => {
    const own = { output: '/mine', limit: 1, quiet: true, connections: 3 };
    expect(settings({ threads: 5 }, own)).toMatchObject({ output: '/mine/', limit: 1, quiet: true, connections: 5 });
  });

  it('bound what one request asks for in stream mode alone', () => {
    expect(settings({ streamChunkMb: 5, stream: true }).lease).toBe(5 * MiB);
    expect(settings({ streamChunkMb: 5 }).lease).toBeUndefined();
    expect(settings({ minChunkMb: 5 }).lease).toBeUndefined();
  });

  it('are not quiet under --debug', () => {
    expect(settings({ quiet: true, debug: true })).toMatchObject({ quiet: false, debug: true });
  });

  it('have a checksum with its algorithm, md5 where none is named', () => {
    expect(settings({ checksum: ` ${'A'.repeat(32)} ` }).checksum).toBe(`md5:${'a'.repeat(32)}`);
    expect(settings({ checksum: '00'.repeat(32), typehash: 'sha3_256' }).checksum).toBe(`sha3-256:${'00'.repeat(32)}`);
    expect(settings({ checksum: '0011', typehash: 'shake_128' }).checksum).toBe('shake_128:0011');
  });

  it.each<[HsOptions, number, string]>([
    [{ checksum: 'xyz' }, 1, '--checksum is a number in hex digits, not "xyz"'],
    [{ checksum: '00' }, 1, '--checksum has 2 hex digits where md5 has 32; -th names another algorithm'],
    [{ checksum: '001', typehash: 'shake_256' }, 1, '--checksum is a number in hex digits, not "001"'],
    [{ checksum: '00'.repeat(16) }, 2, '--checksum is for a single URL, and there are 2'],
  ])('%j for %d URLs are refused', (said, count, message) => {
    expect(() => settings(said, {}, count)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('write download.log for a run to disk, as people read it unless --json', () => {
    expect(hsManner(settings({ quiet: true }), false)).toMatchObject({ logFile: 'download/download.log', silent: true, plainLog: true });
    expect(hsManner(settings({ json: true }), false)).toMatchObject({ silent: false, plainLog: false });
    expect(hsManner(settings({}), true).logFile).toBeUndefined();
  });

  it('end with the codes of HydraStream', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 130, 143, 141].map(hsCode)).toEqual([0, 1, 2, 3, 4, 4, 1, 130, 130, 141]);
  });
});
