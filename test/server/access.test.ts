import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type Access, type AccessOptions, accessOf } from '../../src/server/access.ts';
import { parseBind } from '../../src/server/bind.ts';
import { parsePublicUrl } from '../../src/server/public-url.ts';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'hydrant-access-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const decide = (binds: readonly string[], options: Partial<AccessOptions> = {}): Promise<Access> =>
  accessOf({
    binds: binds.map(parseBind),
    publicUrl: undefined,
    token: undefined,
    tokenFile: undefined,
    auth: true,
    upstreamPolicy: undefined,
    stateFile: join(folder(), 'state', 'tasks.json'),
    ...options,
  });

const local = ['127.0.0.1:9527', '[::1]:9527', 'localhost:9527', 'unix:/run/hydrant.sock'];
const wide = ['0.0.0.0:9527', '[::]:9527', '192.168.0.2:9527', 'nas.example:9527'];

describe('access', () => {
  it('is free on this machine, and sources may be anywhere then', async () => {
    expect(await decide(local)).toEqual({ token: undefined, tokenPath: undefined, made: false, policy: 'any', local: true });
  });

  it.each(wide)('needs a token on %s, and sources must be public', async (bind) => {
    const access = await decide([...local, bind]);
    expect(access).toMatchObject({ token: expect.stringMatching(/^[\w-]{27}$/), made: true, policy: 'public', local: false });
  });

  it.each(['https://example.org/hydrant', 'http://192.168.0.2', 'http://[2001:db8::1]:8080'])(
    'needs a token on this machine where it is published as %s, and links that nobody guesses',
    async (url) => {
      const publicUrl = parsePublicUrl(url);
      expect(await decide(local, { publicUrl })).toMatchObject({ made: true, policy: 'public', local: false });
      expect(await decide(local, { publicUrl, auth: false })).toMatchObject({ token: undefined, policy: 'public', local: false });
    },
  );

  it.each(['http://localhost:8080/h', 'https://127.0.0.2', 'http://[::1]'])('is free where it is published as %s', async (url) => {
    expect(await decide(local, { publicUrl: parsePublicUrl(url) })).toMatchObject({ token: undefined, policy: 'any', local: true });
  });

  it('is free elsewhere by name only', async () => {
    expect(await decide(wide, { auth: false })).toMatchObject({ token: undefined, policy: 'public', local: false });
    await expect(decide(wide, { auth: false, token: 'given-token' })).rejects.toMatchObject({
      message: expect.stringContaining('--no-auth'),
    });
  });

  it('needs a token on this machine where one is given', async () => {
    expect(await decide(local, { token: 'given-token' })).toMatchObject({
      token: 'given-token',
      made: false,
      policy: 'public',
      local: true,
    });
  });

  it('leads to the sources that were asked for', async () => {
    expect(await decide(wide, { upstreamPolicy: 'any' })).toMatchObject({ policy: 'any' });
    expect(await decide(local, { upstreamPolicy: 'public' })).toMatchObject({ policy: 'public' });
  });
});

describe('a token', () => {
  it('that is made is kept for its owner alone, and is the same after a restart', async () => {
    const stateFile = join(folder(), 'deep', 'tasks.json');
    const first = await decide(wide, { stateFile });
    const path = join(stateFile, '..', 'tasks.token');
    expect(first.tokenPath).toBe(path);
    expect([statSync(path).mode & 0o777, readFileSync(path, 'utf8')]).toEqual([0o600, `${first.token}\n`]);
    expect(await decide(wide, { stateFile })).toEqual({ ...first, made: false });
  });

  it('is not made where none is needed', async () => {
    const stateFile = join(folder(), 'tasks.json');
    await decide(local, { stateFile });
    await decide(wide, { stateFile, token: 'given-token' });
    expect(existsSync(join(stateFile, '..', 'tasks.token'))).toBe(false);
  });

  it('is the first line of a file', async () => {
    const tokenFile = join(folder(), 'token');
    writeFileSync(tokenFile, 'from-a-file \r\nand more\n');
    expect(await decide(local, { tokenFile })).toMatchObject({ token: 'from-a-file' });
  });

  it.each([
    ['short', /at least 8/],
    ['with a blank', /no blanks/],
    ['pässword', /ASCII/],
    ['line\nbreak', /ASCII/],
  ])('that no header carries or that is soon guessed is refused: %j', async (token, says) => {
    await expect(decide(local, { token })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringMatching(says) });
  });

  it('in a file that is not there or empty is refused', async () => {
    const tokenFile = join(folder(), 'token');
    await expect(decide(local, { tokenFile })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/--token-file/),
    });
    writeFileSync(tokenFile, '\n');
    await expect(decide(local, { tokenFile })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
