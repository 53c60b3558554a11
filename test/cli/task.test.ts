/** `hydrant task` against a server that only notes what it is asked, and answers as told. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

import { Desk, type Ended, hydrant } from '../e2e/run.ts';

interface Asked {
  readonly line: string;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

type Answer = readonly [status: number, value?: unknown, type?: string];

const problem = (status: number, code: string, error: string): Answer => [status, { error, code, status }, 'application/problem+json'];

/** Answers by `METHOD path`; what it does not know is an unknown task. */
class Stub implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  constructor(answers: Readonly<Record<string, Answer>>) {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      const line = `${request.method} ${request.url}`;
      const { 'content-type': type, authorization } = request.headers;
      this.asked.push({ line, type, authorization, body });
      const [status, value, kind = 'application/json'] = answers[line] ?? problem(404, 'TASK_UNKNOWN', 'task not found');
      response.writeHead(status, { 'content-type': kind }).end(typeof value === 'string' ? value : JSON.stringify(value));
    });
  }

  async listen(...place: readonly unknown[]): Promise<this> {
    this.#server.listen(...(place as [number, string]));
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const stub = (answers: Readonly<Record<string, Answer>> = {}): Promise<Stub> => new Stub(answers).listen(0, '127.0.0.1');

const taskOf = (id: string, more: object = {}): object => ({
  task_id: id,
  proxy_url: `http://127.0.0.1:9527/stream/${id}`,
  config: {
    name: `file ${id}`,
    volumes: [['http://a.example/x', 'http://b.example/x?token=secret']],
    headers: { cookie: 'secret' },
    cache: true,
  },
  paused: false,
  bytes_served: 1_048_576,
  active_connections: 0,
  current_speed_bps: 0,
  cache: { total_size: 1000, bytes_cached: 999 },
  url_health: [
    { url: 'http://a.example/x', last_status: 206, last_error: null, bytes_contributed: 512, current_speed_bps: 0 },
    {
      url: 'http://b.example/x?token=secret',
      last_status: null,
      last_error: 'refused \u001b[31m',
      bytes_contributed: 0,
      current_speed_bps: 0,
    },
  ],
  cache_job: null,
  ...more,
});

const run = (
  server: Stub | string,
  args: readonly string[],
  more: { stdin?: string; env?: Record<string, string>; desk?: Desk } = {},
): Promise<Ended> => {
  const { desk = new Desk(), ...rest } = more;
  const [action = '', ...others] = args;
  const url = typeof server === 'string' ? server : server.url;
  return hydrant(['task', action, '--server', url, ...others], { desk, within: 10_000, ...rest }).finally(() => desk[Symbol.dispose]());
};

const bodies = (server: Stub): readonly unknown[] =>
  server.asked.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body) as unknown);
const lines = (server: Stub): readonly string[] => server.asked.map(({ line }) => line);

describe('hydrant task ls', () => {
  it('shows tasks as a table, or as JSON', async () => {
    const tasks = [taskOf('abc123'), taskOf('xyz789', { paused: true, cache: null, current_speed_bps: 2_097_152 })];
    await using server = await stub({ 'GET /api/tasks': [200, tasks] });
    const ended = await run(server, ['ls']);
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout.toString()).toBe(
      [
        'ID      NAME         STATE   CACHED  SPEED      LINK',
        'abc123  file abc123  idle    99 %    -          http://127.0.0.1:9527/stream/abc123',
        'xyz789  file xyz789  paused  -       2.0 MiB/s  http://127.0.0.1:9527/stream/xyz789',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await run(server, ['ls', '--json'])).stdout.toString())).toEqual(tasks);
  });

  it('says how to make one where there is none', async () => {
    await using server = await stub({ 'GET /api/tasks': [200, []] });
    expect((await run(server, ['ls'])).stdout.toString()).toMatch(/hydrant task add/);
  });
});

describe('hydrant task add', () => {
  const made: Answer = [200, { task_id: 'abc123', proxy_url: 'http://127.0.0.1:9527/stream/abc123' }];

  it('makes a task for each URL, and says its link', async () => {
    await using server = await stub({ 'POST /api/tasks': made });
    const ended = await run(server, ['add', 'http://a.example/1', 'http://a.example/2']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout.toString()).toBe('http://127.0.0.1:9527/stream/abc123\n'.repeat(2));
    expect(bodies(server)).toEqual([{ volumes: [['http://a.example/1']] }, { volumes: [['http://a.example/2']] }]);
  });

  it.each<[string, readonly string[], object]>([
    ['mirrors', ['-m', 'http://a/1', 'http://b/1'], { volumes: [['http://a/1', 'http://b/1']] }],
    ['volumes', ['--volumes', 'http://a/1 http://b/1', 'http://a/2'], { volumes: [['http://a/1', 'http://b/1'], ['http://a/2']] }],
    [
      'settings',
      ['--name', 'film', '-c', '4', '--lease', '2M', '--limit', '1M', '--no-cache', 'http://a/1'],
      { volumes: [['http://a/1']], name: 'film', max_threads: 4, max_split: 2_097_152, rate_limit_bps: 1_048_576, cache: false },
    ],
    ['none of them', ['-c', 'auto', '--limit', 'off', 'http://a/1'], { volumes: [['http://a/1']], max_threads: null, rate_limit_bps: 0 }],
    [
      'headers',
      ['-H', 'X-A: b', '--referer', 'http://r/', '--user', 'u:p', 'http://a/1'],
      { volumes: [['http://a/1']], headers: { 'x-a': 'b', referer: 'http://r/', authorization: 'Basic dTpw' } },
    ],
    [
      'mappings',
      ['--map', 'a=127.0.0.1:80', 'http://a/1'],
      { volumes: [['http://a/1']], host_mappings: [{ from: 'a', to: '127.0.0.1:80', enabled: true }] },
    ],
  ])('tells the server of %s, and of nothing else', async (_, args, body) => {
    await using server = await stub({ 'POST /api/tasks': made });
    const ended = await run(server, ['add', ...args], { env: { HYDRANT_LIMIT: '5M' } });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(bodies(server)).toEqual([body]);
  });

  it('begins to fill, and says where that fails', async () => {
    const answer: Answer = [
      200,
      { task_id: 'abc123', proxy_url: 'http://h/stream/abc123', cache_started: false, cache_error: 'no ranges' },
    ];
    await using server = await stub({ 'POST /api/tasks?start_cache=1': answer });
    const ended = await run(server, ['add', '--fill', 'http://a/1']);
    expect(ended).toMatchObject({ code: 4, stderr: 'hydrant: task abc123 is made, and cannot be filled: no ranges\n' });
    expect(bodies(server)).toEqual([{ volumes: [['http://a/1']], cache: true }]);
  });
});

describe('a task', () => {
  const answers = {
    'GET /api/tasks': [200, [taskOf('abc123'), taskOf('abd456'), taskOf('xyz789')]],
    'GET /api/tasks/abc123': [200, taskOf('abc123')],
    'POST /api/tasks/abc123/pause': [200, taskOf('abc123', { paused: true })],
    'POST /api/tasks/xyz789/pause': [200, taskOf('xyz789', { paused: true })],
    'POST /api/tasks/abc123/resume': [200, taskOf('abc123')],
    'POST /api/tasks/abc123/cache': [200, { state: 'running' }],
    'DELETE /api/tasks/abc123': [204, ''],
    'PATCH /api/tasks/abc123': [200, taskOf('abc123')],
    'GET /api/tasks/abc123/export': [200, '{\n  "volumes": []\n}'],
    'GET /api/tasks/export': [200, '[]'],
  } satisfies Record<string, Answer>;

  it.each([
    ['its id', 'abc123'],
    ['its link', 'http://127.0.0.1:9527/stream/abc123'],
    ['its link with a name', 'https://example.org/hydrant/stream/abc123/film.mkv?x=1'],
    ['the beginning of its id', 'abc'],
  ])('is found by %s', async (_, word) => {
    await using server = await stub(answers);
    const ended = await run(server, ['rm', word]);
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' });
    expect([lines(server).at(-1), ended.stdout.toString()]).toEqual(['DELETE /api/tasks/abc123', 'abc123 removed\n']);
  });

  it.each([
    ['a beginning that several share', 'ab', /could be any of 2 tasks: abc123, abd456/],
    ['one that none has', 'nope', /there is no task "nope"; hydrant task ls/],
    ['what is no id', 'a/../b', /neither the id of a task nor its link/],
  ])('is not touched for %s', async (_, word, says) => {
    await using server = await stub(answers);
    expect(await run(server, ['rm', word])).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(lines(server).filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  it('that is not there stops none of the others', async () => {
    await using server = await stub(answers);
    const ended = await run(server, ['pause', 'nope', 'abc123', 'xyz']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^hydrant: there is no task "nope"[^\n]*\n$/) });
    expect(ended.stdout.toString()).toBe('abc123 paused\nxyz789 paused\n');
  });

  it.each([
    ['resume', 'POST /api/tasks/abc123/resume'],
    ['fill', 'POST /api/tasks/abc123/cache'],
  ])('is told to %s', async (action, line) => {
    await using server = await stub(answers);
    expect(await run(server, [action, 'abc123'])).toMatchObject({ code: 0 });
    expect(lines(server).at(-1)).toBe(line);
  });

  it('is shown without secrets, and with nothing that moves the cursor', async () => {
    await using server = await stub(answers);
    const text = (await run(server, ['show', 'abc123'])).stdout.toString();
    expect(text).toMatch(/^abc123 {2}file abc123\n {2}link +http:\/\/127\.0\.0\.1:9527\/stream\/abc123\n/);
    expect(text).toMatch(/cached +99 %: 999 B of 1000 B\n/);
    expect(text).toMatch(/headers +cookie\n/);
    expect(text).toMatch(/token=\*\*\*\n/);
    expect(text).toMatch(/failed +refused .\[31m\n/);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('\u001b');
  });

  it('is changed in what is given alone', async () => {
    await using server = await stub(answers);
    expect(await run(server, ['edit', 'abc123', '--limit', 'off', '--cache'])).toMatchObject({ code: 0 });
    expect(await run(server, ['edit', 'abc123', '-m', 'http://a/1', 'http://b/1'])).toMatchObject({ code: 0 });
    expect(bodies(server)).toEqual([{ rate_limit_bps: 0, cache: true }, { volumes: [['http://a/1', 'http://b/1']] }]);
  });

  it('is exported as the server gives it, and so are all', async () => {
    await using server = await stub(answers);
    expect((await run(server, ['export', 'abc123'])).stdout.toString()).toBe('{\n  "volumes": []\n}\n');
    expect((await run(server, ['export'])).stdout.toString()).toBe('[]\n');
  });
});

describe('hydrant task import', () => {
  it.each([
    ['[{"url":"http://a/1"}]', 'application/json'],
    ['\ufeff {"tasks":[]}', 'application/json'],
    ['<?xml version="1.0"?><metalink/>', 'application/metalink4+xml'],
    ['curl http://a/1', 'text/plain; charset=utf-8'],
    ['http://a/1\n out=x\n', 'text/plain; charset=utf-8'],
  ])('sends %j as it is, as %s', async (text, type) => {
    await using server = await stub({ 'POST /api/tasks/import': [200, { created: [] }] });
    expect(await run(server, ['import', '-'], { stdin: text })).toMatchObject({ code: 0 });
    const desk = new Desk();
    writeFileSync(desk.at('tasks'), text);
    expect(await run(server, ['import', 'tasks'], { desk })).toMatchObject({ code: 0 });
    expect(server.asked).toMatchObject([
      { type, body: text },
      { type, body: text },
    ]);
  });
});

describe('what came of an import', () => {
  it('is told: links on stdout, what was left out on stderr', async () => {
    const made = { task_id: 'abc123', proxy_url: 'http://127.0.0.1:9527/stream/abc123' };
    const answer = {
      kind: 'json',
      created: [made],
      refused: [{ index: 1, error: 'is \u001b no URL' }],
      skipped: 2,
      notes: ['no settings'],
    };
    await using server = await stub({ 'POST /api/tasks/import': [200, answer] });
    const ended = await run(server, ['import', '-'], { stdin: '[]' });
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.stdout.toString()).toBe(`${made.proxy_url}\n`);
    expect(ended.stderr).toMatch(/^hydrant: task 2 is not made: is .*no URL\nhydrant: no settings\nhydrant: 2 URLs are left out[^\n]*\n$/);
    expect(ended.stderr).not.toContain('\u001b');
    const json = await run(server, ['import', '-', '--json'], { stdin: '[]' });
    expect(JSON.parse(json.stdout.toString())).toEqual(answer);
  });
});

describe('a server', () => {
  it('is shown the token, from wherever it is known', async () => {
    await using server = await stub({ 'GET /api/tasks': [200, []] });
    const desk = new Desk();
    writeFileSync(desk.at('t'), 'from-a-file\n');
    await run(server, ['ls', '--token', 'from-a-flag']);
    await run(server, ['ls'], { env: { HYDRANT_TOKEN: 'from-the-environment' } });
    await run(server, ['ls', '--token-file', 't'], { desk });
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer from-a-flag',
      'Bearer from-the-environment',
      'Bearer from-a-file',
    ]);
  });

  it('is reached through a socket file and below a path', async () => {
    const desk = new Desk();
    await using behind = await new Stub({ 'GET /api/tasks': [200, []] }).listen(desk.at('h.sock'));
    expect(await run(`unix:${desk.at('h.sock')}`, ['ls'], { desk })).toMatchObject({ code: 0 });
    expect(behind.asked).toHaveLength(1);
    await using below = await stub({ 'GET /h/api/tasks': [200, []] });
    expect(await run(`${below.url}/h/`, ['ls'])).toMatchObject({ code: 0 });
  });

  it.each<[string, Answer, number, RegExp]>([
    ['wants a token', problem(401, 'UNAUTHORIZED', 'no'), 2, /needs its token: --token/],
    ['refuses', problem(400, 'OPTION_INVALID', 'max_threads is from 1 to 128'), 2, /^hydrant: max_threads is from 1 to 128\n$/],
    ['refuses in a way that is not known here', problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'not this'), 2, /^hydrant: not this\n$/],
    ['fails', problem(507, 'DISK_FULL', 'the disk is full'), 6, /^hydrant: the disk is full\n$/],
    ['is another', [200, '<html>', 'text/html'], 4, /no hydrant server; --server/],
    ['is another, and refuses', [404, '<html>', 'text/html'], 4, /no hydrant server; --server/],
    ['is the ancestor, and refuses', [500, { error: 'internal: no' }], 4, /^hydrant: internal: no\n$/],
  ])('that %s makes one line and its exit code', async (_, answer, code, says) => {
    await using server = await stub({ 'GET /api/tasks': answer });
    const ended = await run(server, ['ls']);
    expect(ended, ended.stderr).toMatchObject({ code, stderr: expect.stringMatching(says) });
    expect(ended.stderr).toMatch(/^hydrant: [^\n]*\n$/);
  });

  it.each([
    ['http://127.0.0.1:1', 4, /no server runs at http:\/\/127\.0\.0\.1:1; hydrant serve starts one/],
    ['unix:none.sock', 4, /no server runs at unix:none\.sock/],
    ['127.0.0.1:9527', 2, /write http:\/\/127\.0\.0\.1:9527/],
    ['ftp://x', 2, /neither an http or https URL nor unix:PATH/],
    ['http://u:secret@h', 2, /--token/],
  ])('that is not there or cannot be is told in one line: %s', async (server, code, says) => {
    const ended = await run(server, ['ls']);
    expect(ended, ended.stderr).toMatchObject({ code, stderr: expect.stringMatching(says) });
    expect(ended.stderr).toMatch(/^hydrant: [^\n]*\n$/);
    expect(ended.stderr).not.toMatch(/secret/);
  });
});

describe('a command that cannot be carried out', () => {
  it.each<[readonly string[], RegExp]>([
    [['lss'], /knows no "lss" \(did you mean ls\?\)/],
    [['frobnicate'], /knows no "frobnicate": ls, add/],
    [['ls', 'x'], /hydrant task show/],
    [['ls', '--name', 'x'], /--name means nothing to hydrant task ls/],
    [['add'], /needs a URL/],
    [['add', 'nope'], /no http or https URL/],
    [['add', '--name', 'x', 'http://a/1', 'http://a/2'], /--name belongs to one task/],
    [['add', '--fill', '--no-cache', 'http://a/1'], /exclude each other/],
    [['edit'], /id or the link/],
    [['edit', 'abc123'], /needs what to change/],
    [['edit', 'abc123', '--fill'], /hydrant task fill/],
    [['edit', 'abc123', 'http://a/1', 'http://b/1'], /--mirrors/],
    [['rm'], /id or the link/],
    [['import'], /needs one file/],
    [['import', 'none.json'], /none\.json/],
  ])('%j is refused before anything is asked', async (args, says) => {
    await using server = await stub();
    const ended = await run(server, args);
    expect(ended, ended.stderr).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(server.asked).toEqual([]);
  });

  it('without a word says which there are', async () => {
    using desk = new Desk();
    expect(await hydrant(['task'], { desk })).toMatchObject({ code: 2, stderr: expect.stringMatching(/needs what to do: ls, add, show/) });
  });
});
