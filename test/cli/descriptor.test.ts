import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { BrokenPipe, Descriptor } from '../../src/cli/descriptor.ts';

let directory: string;
const open: number[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hydrant-descriptor-'));
});
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
  rmSync(directory, { recursive: true });
});

const opened = (path: string, flags: number): number => {
  const fd = openSync(path, flags);
  open.push(fd);
  return fd;
};

/** The two ends of a pipe; the reading one never waits. */
const pipe = (): { readonly reader: number; readonly writer: number } => {
  const path = join(directory, 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: opened(path, constants.O_WRONLY) };
};

/** All that can be read at once. */
const drained = (reader: number): Buffer => {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(65_536);
    try {
      const size = readSync(reader, part);
      if (size === 0) break;
      parts.push(part.subarray(0, size));
    } catch {
      break;
    }
  }
  return Buffer.concat(parts);
};

describe('a descriptor', () => {
  it('of a file gets everything in order', async () => {
    const path = join(directory, 'file');
    const descriptor = new Descriptor(opened(path, constants.O_WRONLY | constants.O_CREAT));
    for (let number = 0; number < 100; number++) descriptor.say(`${number}\n`);
    await descriptor.drain();
    expect(readFileSync(path, 'utf8')).toBe(Array.from({ length: 100 }, (_, number) => `${number}\n`).join(''));
    expect(descriptor.waiting).toBe(0);
  });

  it.skipIf(process.platform !== 'linux')(
    'of a pipe that nobody reads waits without holding up anything, then goes on in order',
    async () => {
      const { reader, writer } = pipe();
      const descriptor = new Descriptor(writer);
      const payload = Buffer.alloc(1_000_000, 'x');
      const first = descriptor.write(payload);
      const second = descriptor.write('end');
      await descriptor.drain(20);
      expect([descriptor.waiting, descriptor.stuck]).toEqual([2, false]);
      const parts: Buffer[] = [];
      while (descriptor.waiting > 0) {
        parts.push(drained(reader));
        await new Promise(setImmediate);
      }
      await Promise.all([first, second]);
      parts.push(drained(reader));
      expect(Buffer.concat(parts).equals(Buffer.concat([payload, Buffer.from('end')]))).toBe(true);
    },
  );

  it('of a pipe whose reader went away says so, now and later', async () => {
    const { reader, writer } = pipe();
    const descriptor = new Descriptor(writer);
    await descriptor.write('first');
    closeSync(reader);
    open.splice(open.indexOf(reader), 1);
    await expect(descriptor.write('second')).rejects.toBeInstanceOf(BrokenPipe);
    await expect(descriptor.write('third')).rejects.toBeInstanceOf(BrokenPipe);
  });

  it.skipIf(process.platform !== 'linux')('of a full disk is DISK_FULL', async () => {
    const descriptor = new Descriptor(opened('/dev/full', constants.O_WRONLY));
    await expect(descriptor.write('x')).rejects.toMatchObject({ code: 'DISK_FULL' });
  });
});
