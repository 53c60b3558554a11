/** The built server and Debian's Chromium before it. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

import { installed } from '../e2e/needs.ts';
import { Desk, type Running, start } from '../e2e/run.ts';

/** A server that can be ended and started again where it was. */
export class Site implements AsyncDisposable {
  readonly #desk = new Desk();
  readonly #args: readonly string[];
  /** Where it is found, with a slash at its end. */
  readonly url: string;
  #running: Running | undefined;

  private constructor(origin: string, base: string, args: readonly string[]) {
    this.url = `${origin}${base}/`;
    this.#args = ['--bind', origin.slice('http://'.length), ...(base === '' ? [] : ['--public-url', origin + base]), ...args];
  }

  /** Starts a server; `base` is the path that it is served below. */
  static async open(args: readonly string[] = [], base = ''): Promise<Site> {
    const site = new Site(`http://127.0.0.1:${await freePort()}`, base, args);
    await site.start();
    return site;
  }

  async start(): Promise<void> {
    const running = start('hydrant', ['serve', ...this.#args], { desk: this.#desk, within: 300_000 });
    this.#running = running;
    await expect.poll(() => running.stderr, { timeout: 10_000 }).toMatch(/^ {2}state .*\n/m);
  }

  async stop(): Promise<void> {
    this.#running?.kill('SIGTERM');
    await this.#running?.ended;
    this.#running = undefined;
  }

  /** Asks the interface; answers what it says. */
  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(this.url + path, { method, ...json });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#desk[Symbol.dispose]();
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** Starts the browser; close it when done. */
export const openBrowser = (): Promise<Browser> =>
  // Tests run as root in containers, where its sandbox cannot be.
  chromium.launch({ executablePath: installed('chromium') ?? 'chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** A page at `url`, and what it complained of: errors of scripts, of the console, and refusals of the policy. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens `url` in a profile of its own. */
export const visit = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> => {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
};
