import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { contentOf, digestOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { Desk, type Ended, hydrant } from './run.ts';

const size = 4_000_000;
const good: OriginFile = { size, seed: 1 };
const rate = { connection: 1_000_000 };

interface Got {
  readonly ended: Ended;
  readonly origins: readonly Origin[];
  /** Digest of the file under its final name; undefined where there is none. */
  readonly digest: string | undefined;
  /** Names in the output directory. */
  readonly there: readonly string[];
}

/** Fetches one file from mirrors that each serve what is given, then shows what came to `look`. */
const fetchFrom = async (
  mirrors: readonly { readonly file: OriginFile; readonly faults?: readonly Fault[]; readonly rate?: { connection: number } }[],
  args: readonly string[],
  look: (got: Got) => void | Promise<void>,
): Promise<void> => {
  using desk = new Desk();
  const origins = await Promise.all(
    mirrors.map(({ file, faults = [], rate: own = rate }) => Origin.start({ files: { '/a.bin': file }, faults, rate: own })),
  );
  try {
    const urls = origins.map((origin) => origin.url('/a.bin'));
    const ended = await hydrant(['get', '-m', ...urls, '-o', 'out/', '--retry-timeout', '4s', ...args], { desk, within: 25_000 });
    const there = readdirSync(desk.path).includes('out') ? readdirSync(desk.at('out')) : [];
    const digest = there.includes('a.bin') ? digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) }) : undefined;
    await look({ ended, origins, digest, there });
  } finally {
    await Promise.all(origins.map((origin) => origin.close()));
  }
};

describe('mirrors of one file', () => {
  it('bring it together', async () => {
    await fetchFrom([{ file: good }, { file: good }, { file: { ...good, etag: '"other"' } }], [], ({ ended, origins, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
      for (const origin of origins) expect(origin.counts.sent).toBeGreaterThan(100_000);
    });
  });

  it.each<[string, readonly Fault[]]>([
    ['is forbidden there', [{ kind: 'status', status: 403 }]],
    ['breaks off there always', [{ kind: 'drop', after: 0 }]],
    ['stalls there', [{ kind: 'stall', after: 100_000 }]],
    ['never begins there', [{ kind: 'stall' }]],
    ['comes in crumbs there', [{ kind: 'cap', size: 100 }]],
    ['is gzipped there', [{ kind: 'gzip' }]],
    ['comes without ranges there', [{ kind: 'whole', accept: 'none' }]],
    ['comes in shifted ranges there', [{ kind: 'range', start: 5, end: 5 }]],
    ['is no HTTP there', [{ kind: 'raw', text: 'hello\r\n\r\n' }]],
  ])('do without one where it %s', async (_, faults) => {
    await fetchFrom([{ file: good, faults }, { file: good }], [], ({ ended, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
    });
  });

  it('do without one where it is missing, and say so unless they are to be quiet', async () => {
    const mirrors = [{ file: good, faults: [{ kind: 'status', status: 404 }] as const }, { file: good }];
    await fetchFrom(mirrors, [], ({ ended, origins, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
      expect(ended.stderr).toMatch(new RegExp(`^hydrant: left out http://127\\.0\\.0\\.1:${origins[0]?.port}/a\\.bin: .*404`, 'm'));
    });
    await fetchFrom(mirrors, ['-q'], ({ ended }) => expect(ended).toMatchObject({ code: 0, stderr: '' }));
  });

  it('that are missing everywhere are told of once each', async () => {
    const missing = { file: good, faults: [{ kind: 'status', status: 404 }] as const };
    await fetchFrom([missing, missing], [], ({ ended, origins }) => {
      expect(ended).toMatchObject({ code: 4 });
      for (const origin of origins) expect(ended.stderr.split(`127.0.0.1:${origin.port}`).length - 1).toBeLessThanOrEqual(2);
      expect(ended.stderr.trim().split('\n')).toHaveLength(2);
    });
  });

  it('do without one that is down', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': good } });
    const ended = await hydrant(['get', '-m', 'http://127.0.0.1:1/a.bin', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(good));
  });

  it('do without one that dies mid-way', async () => {
    const faults: Fault[] = [
      { kind: 'drop', after: 200_000 },
      { kind: 'status', status: 500, when: { after: 3 } },
    ];
    await fetchFrom([{ file: good, faults }, { file: good }], [], ({ ended, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
    });
  });
});

describe('mirrors that disagree', () => {
  const liar: OriginFile = { size, seed: 2 };

  it('are found out where only the bytes differ, before a mixed file exists', async () => {
    await fetchFrom([{ file: good }, { file: liar }], [], ({ ended, origins, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 5 });
      expect(ended.stderr).toMatch(/differ|disagree/i);
      expect(ended.stderr).toContain('127.0.0.1:');
      expect(origins).toHaveLength(2);
      expect(digest).toBeUndefined();
    });
  });

  it('are found out where they pretend to be of one ETag', async () => {
    const tag = { etag: '"same"' };
    await fetchFrom([{ file: { ...good, ...tag } }, { file: { ...liar, ...tag } }], [], ({ ended, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 5 });
      expect(digest).toBeUndefined();
    });
  });

  it('are found out where the lengths differ', async () => {
    await fetchFrom([{ file: good }, { file: { size: size + 1, seed: 1 } }], [], ({ ended, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 5 });
      expect(ended.stderr).toMatch(/length|differ|disagree/i);
      expect(digest).toBeUndefined();
    });
  });

  it.each([0, 1, 2])('are outvoted by the other two where the liar is number %i', async (place) => {
    const mirrors = [0, 1, 2].map((index) => ({ file: index === place ? liar : good }));
    await fetchFrom(mirrors, [], ({ ended, origins, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
      expect(ended.stderr).toContain(`127.0.0.1:${origins[place]?.port}`);
    });
  });

  it.each([0, 1])('are judged by a digest where the liar is number %i', async (place) => {
    const mirrors = [0, 1].map((index) => ({ file: index === place ? liar : good }));
    await fetchFrom(mirrors, ['--checksum', `sha256:${digestOf(good)}`], ({ ended, origins, digest }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digest).toBe(digestOf(good));
      const named = ended.stderr
        .split('\n')
        .filter((line) => line.startsWith('hydrant: left out'))
        .at(-1);
      expect(named).toContain(`127.0.0.1:${origins[place]?.port}`);
    });
  });

  it('are both refused where neither has the digest, with what came last kept aside', async () => {
    await fetchFrom([{ file: good }, { file: liar }], ['--checksum', `sha256:${'0'.repeat(64)}`], ({ ended, digest, there }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 3, stderr: expect.stringContaining('a.bin.part.bad') });
      expect(digest).toBeUndefined();
      expect(there).toEqual(['a.bin.part.bad']);
    });
  });

  const cut = Math.floor(size * 0.2);
  it.each<[string, OriginFile]>([
    ['in their last bytes', { ...good, patches: [{ start: size - 500, end: size, seed: 2 }] }],
    ['past their beginning', { ...good, patches: [{ start: cut, end: size - 100_000, seed: 2 }] }],
  ])('only %s are found out by two, and outvoted by three', async (_, partly) => {
    await fetchFrom([{ file: good }, { file: partly }], [], ({ ended, digest, there }) => {
      expect(ended, ended.stderr).toMatchObject({ code: 5 });
      expect(ended.stderr).toMatch(/different files: .* has other bytes/);
      expect([digest, there]).toEqual([undefined, expect.not.arrayContaining(['a.bin'])]);
    });
    for (const place of [0, 1, 2]) {
      const mirrors = [0, 1, 2].map((index) => ({ file: index === place ? partly : good }));
      await fetchFrom(mirrors, [], ({ ended, origins, digest }) => {
        expect(ended, ended.stderr).toMatchObject({ code: 0 });
        expect(digest).toBe(digestOf(good));
        expect(ended.stderr).toMatch(
          new RegExp(`^hydrant: left out http://127\\.0\\.0\\.1:${origins[place]?.port}/a\\.bin: it serves`, 'm'),
        );
      });
    }
  });

  it('only in their last bytes never make cat mix them', async () => {
    const partly = { ...good, patches: [{ start: size - 500, end: size, seed: 2 }] };
    using desk = new Desk();
    const origins = await Promise.all([good, partly].map((file) => Origin.start({ files: { '/a.bin': file }, rate })));
    try {
      const ended = await hydrant(['cat', '-m', ...origins.map((origin) => origin.url('/a.bin'))], { desk });
      // Where one mirror was slow to answer, all may have come from the other.
      const unmixed = [good, partly].some((file) => digestOf({ bytes: ended.stdout }) === digestOf(file));
      expect(ended, ended.stderr).toMatchObject({ code: unmixed ? 0 : 5 });
      if (!unmixed) expect(ended.stdout.length).toBeLessThan(size);
    } finally {
      await Promise.all(origins.map((origin) => origin.close()));
    }
  });

  it('are told of by cat, which has passed bytes on already, with 3 or the right bytes', async () => {
    using desk = new Desk();
    const origins = await Promise.all([good, liar].map((file) => Origin.start({ files: { '/a.bin': file }, rate })));
    try {
      for (const order of [origins, [...origins].reverse()]) {
        const urls = order.map((origin) => origin.url('/a.bin')).join(' ');
        const ended = await hydrant(['cat', urls, '--checksum', `sha256:${digestOf(good)}`], { desk });
        const right = digestOf({ bytes: ended.stdout }) === digestOf(good);
        expect(ended, ended.stderr).toMatchObject({ code: right ? 0 : 3 });
      }
    } finally {
      await Promise.all(origins.map((origin) => origin.close()));
    }
  });
});

describe('volumes of one file', () => {
  const parts = [1, 2, 3, 4].map((seed) => ({ size: 6_000_000 + seed, seed }));
  const whole = Buffer.concat(parts.map(({ seed, size: length }) => Buffer.from(contentOf(seed, 0, length))));

  it.each(['get', 'cat'])('that are large and all at one origin come whole, by %s', async (command) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: Object.fromEntries(parts.map((part) => [`/v${part.seed}`, part])) });
    const urls = parts.map(({ seed }) => origin.url(`/v${seed}`));
    const to = command === 'get' ? ['-o', 'whole.bin'] : [];
    const ended = await hydrant([command, '--volumes', ...urls, ...to, '--retry-timeout', '8s'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(whole.equals(command === 'get' ? readFileSync(desk.at('whole.bin')) : ended.stdout)).toBe(true);
  });

  it('that have mirrors at the same origin come whole', async () => {
    using desk = new Desk();
    const files = Object.fromEntries(
      parts.flatMap((part) => [
        [`/v${part.seed}`, part],
        [`/m/v${part.seed}`, part],
      ]),
    );
    await using origin = await Origin.start({ files });
    const volumes = parts.map(({ seed }) => `${origin.url(`/v${seed}`)} ${origin.url(`/m/v${seed}`)}`);
    const ended = await hydrant(['get', '--volumes', ...volumes, '-o', 'whole.bin', '--retry-timeout', '8s'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(whole.equals(readFileSync(desk.at('whole.bin')))).toBe(true);
  });

  it('are laid end to end, each with its name of the first', async () => {
    using desk = new Desk();
    const files = { '/a.001': { size: 1_000_000, seed: 1 }, '/a.002': { size: 500_001, seed: 2 }, '/a.003': { size: 3, seed: 3 } };
    await using origin = await Origin.start({ files });
    const urls = Object.keys(files).map((path) => origin.url(path));
    const ended = await hydrant(['get', '--volumes', ...urls, '-o', 'whole.bin'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const bytes = readFileSync(desk.at('whole.bin'));
    expect(bytes.length).toBe(1_500_004);
    expect(digestOf({ bytes: bytes.subarray(0, 1_000_000) })).toBe(digestOf(files['/a.001']));
    expect(digestOf({ bytes: bytes.subarray(1_000_000, 1_500_001) })).toBe(digestOf(files['/a.002']));
    expect(digestOf({ bytes: bytes.subarray(1_500_001) })).toBe(digestOf(files['/a.003']));
  });
});
