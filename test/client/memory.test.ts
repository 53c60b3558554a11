import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

import { transportOf } from '../../src/client/transport.ts';
import { layered } from '../../src/core/options.ts';
import type { Chunk, Transport } from '../../src/core/ports.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { digestOf } from '../../src/testing/content.ts';
import { folder, observed, origin } from './stage.ts';

const seed = 7;

/** A transport that counts the payload bytes that are not released yet. */
const counting = (): { transport: Transport; peak: () => number } => {
  const inner = transportOf(layered(transferOptions, {}));
  let held = 0;
  let peak = 0;
  async function* counted(body: AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, void> {
    for await (const { bytes: payload, release } of body) {
      const { length } = payload;
      held += length;
      peak = Math.max(peak, held);
      yield {
        bytes: payload,
        release: () => {
          held -= length;
          release();
        },
      };
    }
  }
  const transport: Transport = {
    open: async (request, signal) => {
      const response = await inner.open(request, signal);
      const { status, headers, url, framing } = response;
      return { status, headers, url, framing, body: counted(response.body), close: () => response.close() };
    },
    close: () => inner.close(),
  };
  return { transport, peak: () => peak };
};

describe('memory', () => {
  it('holds no more than the buffer while a file goes to disk, which is not slow for that', async () => {
    const large = { seed, size: 48 * 1024 * 1024 };
    const source = await origin({ files: { '/large': large } });
    const buffer = 2 * 1024 * 1024;
    const { transport, peak } = counting();
    onTestFinished(() => transport.close());
    const { client } = observed({ transport, settings: { buffer, connections: 16, perOrigin: 16 } });
    const directory = await folder();
    const { path, summary } = await client.download(source.url('/large'), { output: directory });
    expect(digestOf({ bytes: await readFile(path) })).toBe(digestOf(large));
    expect(peak()).toBeLessThanOrEqual(buffer);
    expect(peak()).toBeGreaterThan(0);
    expect(summary?.elapsed).toBeLessThan(10_000);
  });
});
