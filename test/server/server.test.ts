import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { defaultsOf } from '../../src/core/options.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { parseBind } from '../../src/server/bind.ts';
import { parsePublicUrl } from '../../src/server/public-url.ts';
import { type OpenParts, type PartsOptions, type RunningServer, type ServerOptions, startServer } from '../../src/server/server.ts';

interface Stage {
  readonly open: OpenParts;
  readonly calls: string[];
  opened: PartsOptions | undefined;
}

const stage = (): Stage => {
  const calls: string[] = [];
  const made: Stage = {
    calls,
    opened: undefined,
    open: async (options) => {
      calls.push('open');
      made.opened = options;
      return {
        tasks: 3,
        data: { handle: (_request, response, path) => void response.end(`data ${path}`) },
        control: (request, response) => void response.end(`control ${request.url}`),
        stop: () => void calls.push('stop'),
        close: async () => void calls.push('close'),
      };
    },
  };
  return made;
};

const start = async (scene: Stage, options: Partial<ServerOptions> = {}): Promise<RunningServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'hydrant-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await startServer(
    {
      binds: [parseBind('127.0.0.1:0')],
      tls: undefined,
      token: undefined,
      tokenFile: undefined,
      auth: true,
      allowHosts: [],
      allowOrigins: [],
      upstreamPolicy: undefined,
      publicUrl: undefined,
      stateFile: join(folder, 'tasks.json'),
      cacheDir: join(folder, 'cache'),
      cacheSize: undefined,
      filesDir: undefined,
      transfer: defaultsOf(transferOptions),
      version: '0.0.0',
      note: () => undefined,
      ...options,
    },
    scene.open,
  );
  onTestFinished(() => server.close(0));
  return server;
};

const get = async (server: RunningServer, path: string, headers: Record<string, string> = {}): Promise<string> => {
  const answer = await fetch(new URL(path, server.url), { headers });
  return `${answer.status} ${await answer.text()}`;
};

describe('a server', () => {
  it('leads each request to its part', async () => {
    const server = await start(stage());
    expect(server).toMatchObject({ tasks: 3, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) });
    expect(await get(server, '/stream/abc?x=1')).toBe('200 data /stream/abc?x=1');
    expect(await get(server, '/api/tasks')).toBe('200 control /api/tasks');
  });

  it('tells its parts what sources may be, and whether links may be short', async () => {
    const scenes = [stage(), stage()] as const;
    await start(scenes[0]);
    await start(scenes[1], { binds: [parseBind('0.0.0.0:0')], publicUrl: parsePublicUrl('https://example.org/h') });
    expect(scenes.map(({ opened }) => [opened?.policy, opened?.local])).toEqual([
      ['any', true],
      ['public', false],
    ]);
  });

  it('is known by the names that it was bound to and published as', async () => {
    const { request } = await import('node:http');
    const server = await start(stage(), { publicUrl: parsePublicUrl('https://media.example/h'), allowHosts: ['nas'], auth: false });
    const statusAs = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = request(server.url, { headers: { host } }, (response) => resolve(response.resume().statusCode));
        asked.on('error', reject).end();
      });
    expect(await Promise.all(['media.example', 'nas:1', 'other.example'].map(statusAs))).toEqual([200, 200, 421]);
  });

  it('ends its parts last, once', async () => {
    const scene = stage();
    const server = await start(scene);
    await server.close(0);
    await server.close(0);
    expect(scene.calls).toEqual(['open', 'stop', 'close']);
  });

  it('that cannot listen closes what it opened', async () => {
    const scene = stage();
    const other = await start(stage());
    await expect(start(scene, { binds: other.binds })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(scene.calls).toEqual(['open', 'close']);
  });
});
