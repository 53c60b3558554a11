/** The list of tasks and the page of one, in a real browser before the built server and an origin. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { needs } from '../e2e/needs.ts';
import { openBrowser, Site, visit } from './browser.ts';
import { Stage, silence } from './stage.ts';

const add = async (site: Site, url: string, name: string): Promise<string> =>
  (await site.ask<{ task_id: string }>('POST', 'api/tasks', { url, name, cache: true })).task_id;

const names = (page: Page): Promise<readonly string[]> => page.locator('[data-id] .task-name').allTextContents();

needs('chromium')('the tasks', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('are walked, selected, paused and deleted by keyboard alone, and a deletion can be undone', async () => {
    await using site = await Site.open();
    for (const name of ['One', 'Two', 'Three']) await add(site, 'http://127.0.0.1:9/film.mkv', name);
    const { page, complaints } = await visit(browser, site.url);
    await page.getByLabel('Sort by').selectOption('name');
    await expect.poll(() => names(page)).toEqual(['One', 'Three', 'Two']);
    await page.getByLabel('Sort by').blur();
    for (const key of ['j', 'j', 'x', 'Shift+J']) await page.keyboard.press(key);
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Paused 2' }).waitFor();
    await page.keyboard.press('Delete');
    await expect.poll(() => names(page)).toEqual(['One']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => names(page)).toEqual(['One', 'Three', 'Two']);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Two' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Two' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('are as many in the page as are in sight, however many there are, as cards or in a list', async () => {
    await using site = await Site.open();
    const many = Array.from({ length: 1500 }, (_, n) => ({ url: 'http://127.0.0.1:9/film.mkv', name: `Film ${n}` }));
    await site.ask('POST', 'api/tasks/import', many);
    const { page, complaints } = await visit(browser, site.url);
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await page.getByLabel('Sort by').selectOption('name');
    await page.getByText('1,500 of 1,500 tasks').waitFor({ state: 'attached' });
    await page.getByLabel('Sort by').blur();
    await page.keyboard.press('j');
    await page.keyboard.press('End');
    await page.getByRole('link', { name: 'Film 1499', exact: true }).waitFor();
    expect(await page.locator('[data-id]').count()).toBeLessThan(100);
    await page.keyboard.press('Control+a');
    await page.getByText('1,500 selected').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'List', exact: true, pressed: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('show what their sources did, and what went wrong; links are made of them', async () => {
    await using stage = await Stage.open();
    await using site = await Site.open();
    const { task_id } = await site.ask<{ task_id: string }>('POST', 'api/tasks', {
      volumes: [[`${stage.url}song.wav`, `${stage.url}missing.wav`]],
      name: 'A song.wav',
      cache: true,
    });
    const { page, complaints } = await visit(browser, `${site.url}tasks/${task_id}`);
    await page.getByText('Nobody reads it').waitFor();
    await page.getByRole('button', { name: 'Fill the cache' }).click();
    await page.getByText('the source answered 404 Not Found').first().waitFor();
    await page.getByRole('row', { name: /missing\.wav.*404/ }).waitFor();
    await page.locator('.fact').getByText('1 / 1').waitFor();
    await page.getByRole('tab', { name: 'Links' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.locator('.links-made a').getAttribute('href');
    expect((await fetch(link ?? '')).status).toBe(200);
    await page.getByLabel('At most, in bytes').fill('a lot');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.locator('.broken-words').getByText('max_bytes').waitFor();
    await page.getByRole('tab', { name: 'Setup' }).click();
    await page.getByText('"max_threads"').waitFor();
    // What was refused is told in the console by the browser itself.
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  it('are played, and seek', async () => {
    await using stage = await Stage.open();
    await using site = await Site.open();
    await add(site, `${stage.url}song.wav`, 'A song.wav');
    const { page, complaints } = await visit(browser, site.url);
    await page.getByRole('button', { name: 'Play' }).click();
    const player = page.locator('audio.player');
    const seconds = () => player.evaluate((audio: HTMLAudioElement) => [Math.round(audio.duration), audio.readyState]);
    await expect.poll(async () => (await seconds())[0], { timeout: 10_000 }).toBe(silence.seconds);
    await player.evaluate((audio: HTMLAudioElement) => {
      audio.currentTime = 50;
    });
    await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => !audio.seeking && audio.currentTime >= 50)).toBe(true);
    await page.keyboard.press('Escape');
    await player.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});
