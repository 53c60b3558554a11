/** docs/api.md held against the server: its endpoints against the description, its examples by asking them in order. */
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { defaultsOf } from '../../src/core/options.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { Origin } from '../../src/testing/origin.ts';
import { tlsFixture } from '../fixtures/tls.ts';
import { type Composed, composed } from '../server/composed.ts';
import { stage } from '../server/stage.ts';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

interface Example {
  /** `METHOD /path`. */
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
  readonly type: string | undefined;
  readonly answer: unknown;
}

const examples: readonly Example[] = [...page.matchAll(/^```http\n([\s\S]*?)\n```$/gm)].map(([, text = '']) => {
  const [asked = '', told = ''] = text.split('\n\n');
  const [what = '', ...rest] = asked.split('\n');
  const fields = rest.filter((line) => /^[\w-]+: /.test(line)).map((line) => line.split(': ') as [string, string]);
  const body = rest.filter((line) => !/^[\w-]+: /.test(line)).join('\n');
  const [, status = '', type, json = ''] = /^(\d{3})(?: (\S+))?\n?([\s\S]*)$/.exec(told) ?? [];
  return {
    what,
    headers: Object.fromEntries(fields),
    body: body === '' ? undefined : JSON.parse(body),
    status: Number(status),
    type,
    answer: json === '' ? undefined : JSON.parse(json),
  };
});

test('docs/api.md has every endpoint of the server, each once, and no other', async () => {
  const told = [...page.matchAll(/^### `([A-Z]+ \/\S*)`$/gm)].map(([, endpoint]) => endpoint);
  const { control } = await stage();
  const { paths } = control.document() as { paths: Readonly<Record<string, object>> };
  const held = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(told.toSorted()).toEqual(held.toSorted());
});

test('every endpoint of docs/api.md has an example', () => {
  const sections = page.split(/^(?=##)/m).filter((section) => section.startsWith('### `'));
  for (const section of sections) {
    const [, method, path = ''] = /^### `([A-Z]+) (\S+)`/.exec(section) ?? [];
    const asked = new RegExp(`^\`\`\`http\\n${method} ${path.replaceAll(/\{\w+\}/g, '[^/ ?]+').replaceAll('.', '\\.')}(\\?\\S*)?\\n`, 'm');
    expect(section).toMatch(asked);
  }
});

/** `told` in the form of `shown`: the same fields of the same kinds; `…` stands for fields left out, null for any value. */
const expectLike = (told: unknown, shown: unknown, where: string, known: Map<string, string>): void => {
  if (shown === null || told === null) return;
  expect([where, Array.isArray(told) ? 'array' : typeof told]).toEqual([where, Array.isArray(shown) ? 'array' : typeof shown]);
  if (Array.isArray(shown) && Array.isArray(told)) {
    for (const [index, one] of shown.entries()) if (index < told.length) expectLike(told[index], one, `${where}[${index}]`, known);
  } else if (typeof shown === 'object') {
    const { '…': left, ...fields } = shown as Record<string, unknown>;
    const found = told as Record<string, unknown>;
    if (left === undefined) expect([where, Object.keys(found).toSorted()]).toEqual([where, Object.keys(fields).toSorted()]);
    for (const [name, value] of Object.entries(fields)) {
      expect(found, where).toHaveProperty([name]);
      if (/^(task_id|id|token)$/.test(name) && typeof value === 'string' && typeof found[name] === 'string') known.set(value, found[name]);
      expectLike(found[name], value, `${where}.${name}`, known);
    }
  }
};

/** The type of an answer that may never end. */
const typeOf = ({ port }: Composed, path: string, headers: Readonly<Record<string, string>>): Promise<readonly [number, string]> =>
  new Promise((resolve, reject) => {
    const asked = get({ port, host: '127.0.0.1', path, headers, agent: false }, (answer) => {
      resolve([answer.statusCode ?? 0, answer.headers['content-type'] ?? '']);
      asked.destroy();
    });
    asked.on('error', reject);
  });

test('what docs/api.md shows is what a server answers', async () => {
  const file = { size: 3_000_000, seed: 9, type: 'video/x-matroska' };
  const paths = ['/film.mkv', '/mirror/film.mkv', '/other.mkv'];
  await using origin = await Origin.start({ files: Object.fromEntries(paths.map((path) => [path, file])), tls: tlsFixture });
  const server = await composed({
    transfer: { ...defaultsOf(transferOptions), insecure: true, map: [`example.org=127.0.0.1:${origin.port}`] },
  });
  writeFileSync(join(server.folder, 'files', 'film.mkv'), 'the film');
  const known = new Map<string, string>();
  const now = (text: string): string => [...known].reduce((changed, [shown, real]) => changed.replaceAll(shown, real), text);
  for (const { what, headers, body, status, type, answer } of examples) {
    const [method = '', path = ''] = now(what).split(' ');
    if (path.endsWith('/verify')) {
      await expect.poll(async () => (await server.ask(`GET ${path.replace('/verify', '')}`)).body.state, { timeout: 20_000 }).toBe('done');
    }
    if (type !== undefined && method === 'GET') {
      expect([what, ...(await typeOf(server, path, headers))]).toEqual([what, status, expect.stringContaining(type)]);
      continue;
    }
    const told = await server.ask(`${method} ${path}`, body === undefined ? undefined : JSON.parse(now(JSON.stringify(body))), headers);
    expect([what, told.status, told.text]).toEqual([what, status, expect.anything()]);
    if (type !== undefined) expect(told.headers['content-type']).toContain(type);
    if (answer !== undefined) expectLike(told.body, answer, what, known);
  }
  expect(examples.length).toBeGreaterThan(40);
});
