import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import { Client, type ClientOptions } from '../../src/client/client.ts';
import type { ClientEvent } from '../../src/client/events.ts';
import { Origin, type OriginOptions } from '../../src/testing/origin.ts';

/** An origin that is gone when the test is over. */
export const origin = async (options: OriginOptions): Promise<Origin> => {
  const started = await Origin.start(options);
  onTestFinished(() => started.close());
  return started;
};

/** An empty directory that is gone when the test is over. */
export const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'hydrant-client-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

/** A client that is closed when the test is over, and what it told. */
export const observed = (options: ClientOptions = {}): { client: Client; events: ClientEvent[] } => {
  const events: ClientEvent[] = [];
  const client = new Client({ ...options, observe: (event) => events.push(event) });
  onTestFinished(() => client.close());
  return { client, events };
};

/** Names in `path`, sorted. */
export const listing = async (path: string): Promise<string[]> => (await readdir(path)).sort();

/** What an event called `name` said first. */
export const told = <Name extends ClientEvent['event']>(
  events: readonly ClientEvent[],
  name: Name,
): Extract<ClientEvent, { event: Name }> => {
  const found = events.find((event): event is Extract<ClientEvent, { event: Name }> => event.event === name);
  if (found === undefined) throw new Error(`nothing was told of ${name}: ${events.map(({ event }) => event).join(' ')}`);
  return found;
};
