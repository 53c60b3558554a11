import { beforeEach, describe, expect, it } from 'vitest';

import { type Stage, stage } from './stage.ts';

let now = 0;
let server: Stage;
let id: string;
beforeEach(async () => {
  now = 1_800_000_000_000;
  server = await stage({ clock: { now: () => now, wall: () => now, after: () => () => undefined } });
  id = (await server.ask('POST /api/tasks', { url: 'https://a.invalid/f' })).body.task_id;
});
const link = async (body?: object) => (await server.ask(`POST /api/tasks/${id}/links`, body)).body;

describe('a link', () => {
  it('is good until its time, for what it says', async () => {
    const { url, token, expires_at: expiresAt, ...rest } = await link({ expires_in: 60, max_bytes: '1M', rate_limit_bps: '64K' });
    expect(url).toBe(`http://127.0.0.1:9527/s/${token}`);
    expect(rest).toEqual({ max_bytes: 1_048_576, rate_limit_bps: 65_536 });
    expect(expiresAt).toBe(1_800_000_060);
    now += 59_999;
    expect(server.control.links.verify(token)).toMatchObject({ task: { id }, maxBytes: 1_048_576, rate: 65_536, expiresAt, token });
    now += 1;
    expect(server.control.links.verify(token)).toBeUndefined();
  });

  it('ends in a day, and allows all, where nobody says otherwise', async () => {
    const { token, expires_at: expiresAt, ...rest } = await link();
    expect(expiresAt).toBe(1_800_086_400);
    expect(rest).toMatchObject({ max_bytes: null, rate_limit_bps: 0 });
    expect(server.control.links.verify(token)).toMatchObject({ maxBytes: null, rate: 0 });
  });

  it('that was changed anywhere is none', async () => {
    const { token } = await link({ max_bytes: 1000 });
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.';
    for (let at = 0; at < token.length; at++) {
      for (const letter of letters) {
        if (letter === token[at]) continue;
        const changed = `${token.slice(0, at)}${letter}${token.slice(at + 1)}`;
        // Each other spelling of the same sum would have bytes of its own.
        expect(server.control.links.verify(changed), changed).toBeUndefined();
      }
    }
    for (const text of ['', '.', token.slice(1), `${token}a`, `${token}\n`, 'a.b.c.d.e'])
      expect(server.control.links.verify(text)).toBeUndefined();
  });

  it('ends with its task, and with the key', async () => {
    const { token } = await link();
    expect((await server.ask('DELETE /api/links')).status).toBe(204);
    expect(server.control.links.verify(token)).toBeUndefined();
    const { token: second } = await link();
    expect(server.control.links.verify(second)).toBeDefined();
    await server.ask(`DELETE /api/tasks/${id}`);
    expect(server.control.links.verify(second)).toBeUndefined();
  });

  it('is as good after a restart, and worth nothing at another server', async () => {
    const { token } = await link();
    const clock = { now: () => now, wall: () => now, after: () => () => undefined };
    expect((await stage({ store: server.store, clock })).control.links.verify(token)).toBeDefined();
    const other = await stage({ clock });
    const exported = (await server.ask('GET /api/tasks/export')).body;
    await other.ask('POST /api/tasks/import', exported);
    expect(other.control.tasks.find(id)).toBeDefined();
    expect(other.control.links.verify(token)).toBeUndefined();
  });

  for (const body of [{ expires_in: 0 }, { expires_in: -1 }, { expires_in: 1e12 }, { max_bytes: -1 }, { odd: 1 }]) {
    it(`with ${JSON.stringify(body)} is refused`, async () => {
      expect((await server.ask(`POST /api/tasks/${id}/links`, body)).status).toBe(400);
    });
  }
});
