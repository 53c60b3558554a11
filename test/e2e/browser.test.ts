/** Chromium plays and seeks in what the built server streams: on the page of another site, and in a tab of its own. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { Origin } from '../../src/testing/origin.ts';
import { installed, needs } from './needs.ts';
import { Desk } from './run.ts';
import { Serving } from './serving.ts';
import { linkOf, makeFilm } from './tool.ts';

const seconds = 40;

/** Runs in the page. */
const playing = `async (places) => {
  const video = document.querySelector('video');
  const failed = new Promise((_, reject) => {
    video.addEventListener('error', () => reject(new Error('media error ' + video.error.code + ': ' + video.error.message)));
    setTimeout(() => reject(new Error('still at ' + video.currentTime + ', state ' + video.readyState)), 20000);
  });
  const once = (name) => Promise.race([new Promise((resolve) => video.addEventListener(name, resolve, { once: true })), failed]);
  if (video.readyState === 0) await once('loadedmetadata');
  const seen = [video.videoWidth + 'x' + video.videoHeight + ', ' + Math.round(video.duration) + ' s'];
  for (const place of places) {
    const there = once('seeked');
    video.currentTime = place;
    await there;
    await Promise.race([video.play(), failed]);
    while (video.currentTime < place + 0.2) await once('timeupdate');
    seen.push('played from ' + place);
  }
  video.pause();
  return seen;
}`;

needs('chromium')('Chromium', () => {
  const desk = new Desk();
  let film: Buffer;
  let browser: Browser;
  let site: Server;

  beforeAll(async () => {
    await makeFilm(desk, 'film.mp4', seconds);
    film = readFileSync(desk.at('film.mp4'));
    site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>a site</title>'));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const args = ['--no-sandbox', '--disable-gpu', '--mute-audio', '--autoplay-policy=no-user-gesture-required', '--no-proxy-server'];
    browser = await chromium.launch({ executablePath: installed('chromium') ?? 'chromium', args });
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
    desk[Symbol.dispose]();
  });

  /** A page of a site that the server does not know, unless it is told. */
  const siteOrigin = (): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

  /** Plays the video of `page` a little, from each of these seconds; rejects with what went wrong, and where it was. */
  const play = (page: Page, places: readonly number[]): Promise<readonly string[]> =>
    page.evaluate(`(${playing})(${JSON.stringify(places)})`);

  const expected = (places: readonly number[]): readonly string[] => [
    `640x360, ${seconds} s`,
    ...places.map((place) => `played from ${place}`),
  ];

  it.each([
    ['without a cache', {}],
    ['with a cache', { cache: true }],
  ])('plays and seeks in a film of a task %s, on the page of another site', async (_, config) => {
    await using origin = await Origin.start({
      files: { '/film.mp4': { bytes: film, type: 'video/mp4' } },
      rate: { connection: 3_000_000 },
    });
    const serving = await Serving.start(desk);
    const link = await linkOf(serving, { url: origin.url('/film.mp4'), ...config });
    const page = await browser.newPage();
    await page.goto(siteOrigin());
    await page.setContent(`<video src="${link}" preload="metadata" muted></video>`);
    const places = [0, 35, 5, 20];
    expect(await play(page, places)).toEqual(expected(places));
    await page.close();
    await serving.stop();
  });

  it('plays what is opened in a tab of its own', async () => {
    await using origin = await Origin.start({ files: { '/film.mp4': { bytes: film, type: 'video/mp4' } } });
    const serving = await Serving.start(desk);
    const link = await linkOf(serving, { url: origin.url('/film.mp4') });
    const page = await browser.newPage();
    await page.goto(`${link}/film.mp4`, { waitUntil: 'commit' });
    expect(await play(page, [0, 30])).toEqual(expected([0, 30]));
    await page.close();
    await serving.stop();
  });

  it('runs no script of a page that is streamed', async () => {
    const html = Buffer.from('<!doctype html><title>still</title><script>document.title = "ran"</script>');
    await using origin = await Origin.start({ files: { '/page.html': { bytes: html, type: 'text/html' } } });
    const serving = await Serving.start(desk);
    const link = await linkOf(serving, { url: origin.url('/page.html') });
    const page = await browser.newPage();
    await page.goto(link);
    const inspector = await page.context().newCDPSession(page);
    const { result } = await inspector.send('Runtime.evaluate', { expression: 'document.title + origin' });
    expect(result.value).toBe('stillnull');
    await page.close();
    await serving.stop();
  });

  it('lets the page of an allowed origin read ranges, and no other page', async () => {
    await using origin = await Origin.start({ files: { '/film.mp4': { bytes: film, type: 'video/mp4' } } });
    const serving = await Serving.start(desk, ['--allow-origin', siteOrigin()]);
    const link = await linkOf(serving, { url: origin.url('/film.mp4') });
    const page = await browser.newPage();
    const read = (): Promise<unknown> =>
      page.evaluate(async (url) => {
        const answer = await fetch(url, { headers: { range: 'bytes=100000-199999', 'if-match': '*' } });
        const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
        const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        return [answer.status, answer.headers.get('content-range'), answer.headers.get('cache-status'), hex];
      }, link);
    await page.goto(siteOrigin());
    const hash = createHash('sha256').update(film.subarray(100_000, 200_000)).digest('hex');
    expect(await read()).toEqual([206, `bytes 100000-199999/${film.length}`, expect.stringMatching(/^hydrant/), hash]);
    await page.goto(siteOrigin().replace('127.0.0.1', 'localhost'));
    await expect(read()).rejects.toThrow(/Failed to fetch/);
    await page.close();
    await serving.stop();
  });
});
