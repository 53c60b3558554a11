import { describe, expect, it } from 'vitest';

import { defaultSettings } from '../../src/server/settings-schema.ts';
import type { HostMapping } from '../../src/server/task-config.ts';
import { Origin } from '../../src/testing/origin.ts';
import { configOf, DataBench } from './bench.ts';

const size = 100_000;

/** Streams `url` through a task with `own` mappings and the server's `global` ones; gives what came and the Host that was asked for. */
const fetchBy = async (
  make: (port: number) => {
    readonly url: string;
    readonly own?: readonly HostMapping[];
    readonly global?: readonly HostMapping[];
    readonly dns?: string;
  },
): Promise<{ readonly status: number; readonly length: number; readonly host: string | undefined }> => {
  await using bench = await DataBench.open();
  await using origin = await Origin.start({ files: { '/a.bin': { size, seed: 1 } } });
  const { url, own = [], global = [], dns = null } = make(origin.port);
  bench.running.apply({ ...defaultSettings, host_mappings: global, dns });
  const task = bench.task('abc', configOf({ volumes: [[url]], host_mappings: own }));
  const response = await fetch(task.url);
  const { byteLength } = await response.arrayBuffer();
  return { status: response.status, length: byteLength, host: origin.requests[0]?.headers.host };
};

const rule = (from: string, to: string): HostMapping => ({ from, to, enabled: true });
const got = (host: string) => ({ status: 200, length: size, host });

describe('a host mapping', () => {
  it('leads a name elsewhere, with the port of the rule where the URL says none', async () => {
    const ended = await fetchBy((port) => ({ url: 'http://origin.invalid/a.bin', own: [rule('origin.invalid', `127.0.0.1:${port}`)] }));
    expect(ended).toEqual(got('origin.invalid'));
  });

  it('leaves the port that a URL says', async () => {
    let asked = 0;
    const ended = await fetchBy((port) => {
      asked = port;
      return { url: `http://origin.invalid:${port}/a.bin`, own: [rule('origin.invalid', '127.0.0.1:1')] };
    });
    expect(ended).toEqual(got(`origin.invalid:${asked}`));
  });

  it('holds for all names below a domain', async () => {
    const ended = await fetchBy((port) => ({
      url: 'http://cdn.origin.invalid/a.bin',
      own: [rule('*.origin.invalid', `127.0.0.1:${port}`)],
    }));
    expect(ended).toEqual(got('cdn.origin.invalid'));
  });

  it('leads an address elsewhere, port included', async () => {
    const ended = await fetchBy((port) => ({ url: 'http://127.0.0.2:9/a.bin', own: [rule('127.0.0.2', `127.0.0.1:${port}`)] }));
    expect(ended).toEqual(got('127.0.0.2:9'));
  });

  it('of a task comes before one of the server, which holds for others', async () => {
    const ended = await fetchBy((port) => ({
      url: 'http://origin.invalid/a.bin',
      own: [rule('origin.invalid', `127.0.0.1:${port}`)],
      global: [rule('origin.invalid', '127.0.0.1:1')],
    }));
    expect(ended).toEqual(got('origin.invalid'));
  });

  it('to a name is followed by the system where the DNS server of the settings is dead', async () => {
    const ended = await fetchBy((port) => ({
      url: 'http://origin.invalid/a.bin',
      global: [rule('origin.invalid', `localhost:${port}`)],
      dns: 'tls://127.0.0.1:1',
    }));
    expect(ended).toEqual(got('origin.invalid'));
  });
});
