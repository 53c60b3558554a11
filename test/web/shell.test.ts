/** The frame around every page, in a real browser before the built server. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { needs } from '../e2e/needs.ts';
import { openBrowser, Site, visit } from './browser.ts';

needs('chromium')('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('shows how the whole is doing, and says what to do where there are no tasks', async () => {
    await using site = await Site.open();
    const { page, complaints } = await visit(browser, site.url);
    await page.getByRole('link', { name: 'hydrant' }).waitFor();
    await page.getByText('No tasks yet').waitFor();
    await page.getByText('0 readers').waitFor();
    await page.getByRole('button', { name: 'All 0' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a task as soon as somebody makes it, and no longer once it is gone', async () => {
    await using site = await Site.open();
    const { page, complaints } = await visit(browser, site.url);
    await page.getByText('No tasks yet').waitFor();
    const { task_id } = await site.ask<{ task_id: string }>('POST', 'api/tasks', { url: 'http://127.0.0.1:9/film.mkv', name: 'A film' });
    await page.getByText('A film').waitFor();
    await page.getByRole('button', { name: 'All 1' }).waitFor();
    await site.ask('POST', `api/tasks/${task_id}/pause`);
    await page.getByRole('button', { name: 'Paused 1' }).click();
    await page.getByRole('listitem').getByText('A film').waitFor();
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No task fits').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await site.ask('DELETE', `api/tasks/${task_id}`);
    await page.getByText('No tasks yet').waitFor();
    expect(complaints).toEqual([]);
  });

  it('needs no inline script and no inline style, and its policy allows none', async () => {
    await using site = await Site.open();
    const { page, complaints } = await visit(browser, site.url);
    await page.getByText('No tasks yet').waitFor();
    const policy = (await page.request.get(site.url)).headers()['content-security-policy'];
    expect(policy).toMatch(/^default-src 'self';/);
    expect(policy).not.toMatch(/unsafe-|script-src|style-src/);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.head.append(script);
    });
    expect(await page.title()).toBe('hydrant');
    expect(complaints).toEqual([expect.stringMatching(/Content Security Policy/)]);
  });

  it('speaks the language of the browser, another one when told, and remembers that', async () => {
    await using site = await Site.open();
    const { page, complaints } = await visit(browser, site.url, { locale: 'zh-CN' });
    await page.getByText('还没有任务').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('button', { name: '菜单' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await page.getByText('No tasks yet').waitFor();
    await page.reload();
    await page.getByText('No tasks yet').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(complaints).toEqual([]);
  });

  it('is light or dark as the system is, or as it is told, by keyboard too', async () => {
    await using site = await Site.open();
    const { page, complaints } = await visit(browser, site.url, { colorScheme: 'dark' });
    await page.getByText('No tasks yet').waitFor();
    const lightness = () =>
      page.evaluate(() => Number(/oklch\(([\d.]+)/.exec(getComputedStyle(document.documentElement).backgroundColor)?.[1]));
    expect(await lightness()).toBeLessThan(0.3);
    await page.getByRole('button', { name: 'Menu' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitemradio', { name: 'As the system', checked: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await lightness()).toBeGreaterThan(0.9);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Menu');
    await page.reload();
    await page.getByText('No tasks yet').waitFor();
    expect(await lightness()).toBeGreaterThan(0.9);
    expect(complaints).toEqual([]);
  });

  it('says when the server is gone, and has all that is new once it is back', async () => {
    await using site = await Site.open();
    await site.ask('POST', 'api/tasks', { url: 'http://127.0.0.1:9/film.mkv', name: 'A film' });
    const { page } = await visit(browser, site.url);
    await page.getByText('A film').waitFor();
    await site.stop();
    const offline = page.getByText('The server is not answering');
    await offline.waitFor();
    await page.getByText('A film').waitFor();
    await site.start();
    await site.ask('POST', 'api/tasks', { url: 'http://127.0.0.1:9/song.mp3', name: 'A song' });
    await page.getByText('A song').waitFor();
    await offline.waitFor({ state: 'detached' });
  });

  it('asks for the token where one is needed, and works once it was given', async () => {
    await using site = await Site.open(['--token', 'open-sesame-open-sesame']);
    const { page, complaints } = await visit(browser, site.url);
    await page.getByLabel('Token of this server').fill('open-sesame-open-sesame');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('No tasks yet').waitFor();
    await page.context().clearCookies();
    await page.getByRole('searchbox').fill('anything');
    await page.getByLabel('Token of this server').waitFor();
    // What was refused is told in the console by the browser itself.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it.each([
    ['/', ''],
    ['/', '/deep/down'],
    ['/no/such/page', ''],
    ['/no/such/page', '/deep/down'],
  ])('loads what it needs at %s below %j', async (path, base) => {
    await using site = await Site.open([], base);
    const { page, complaints } = await visit(browser, site.url + path.slice(1));
    if (path === '/') await page.getByText('No tasks yet').waitFor();
    else await page.getByText('There is nothing at this address.').waitFor();
    await page.getByRole('link', { name: 'hydrant' }).click();
    await page.getByText('No tasks yet').waitFor();
    expect(page.url()).toBe(site.url);
    expect(complaints).toEqual([]);
  });
});
