/** One row of a table of faults: what the origin does, by which door it is asked, and what must come of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { contentFrom, digestOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin, type OriginOptions } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { Desk, type Ended, type Running, start } from './run.ts';

export type Door = 'get' | 'cat' | 'hs' | 'hs --stream';

export interface Failure {
  readonly code: number;
  /** What the message must name beside the source. */
  readonly says: RegExp;
  /** The right bytes and exit 0 are as good. */
  readonly orRight?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly file?: OriginFile;
  readonly origin?: Omit<OriginOptions, 'files' | 'faults'>;
  readonly faults?: readonly Fault[];
  /** 'never': the faults lie where no request must go. */
  readonly strikes?: 'never';
  readonly args?: readonly string[];
  readonly doors?: readonly Door[];
  readonly ends: 'right' | Failure;
  readonly within?: number;
  /** What happens while it runs. */
  readonly during?: (origin: Origin, running: Running) => Promise<void>;
  /** What else must hold of the requests, and of what was said. */
  readonly asked?: (origin: Origin, ended: Ended) => void;
}

const plainFile: OriginFile = { size: 3_000_000, seed: 11 };
/** Slow enough that one request does not bring it all. */
const plainRate = { rate: { connection: 2_000_000 } };
const patience = ['--retry-timeout', '4s', '--stall-timeout', '1s', '--connect-timeout', '2s'];

const commandOf = (door: Door, url: string): readonly string[] => {
  switch (door) {
    case 'get':
      return ['get', url, '-o', 'out/', ...patience];
    case 'cat':
      return ['cat', url, ...patience];
    case 'hs':
      return [url, '-o', 'out', '-t', '8', '-nu'];
    case 'hs --stream':
      return [url, '--stream', '-t', '8', '-nu'];
  }
};

const filesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const expectRight = (file: OriginFile, door: Door, desk: Desk, ended: Ended): void => {
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const toDisk = door === 'get' || door === 'hs';
  const bytes = toDisk ? readFileSync(desk.at('out', 'a.bin')) : ended.stdout;
  expect(digestOf({ bytes })).toBe(digestOf(file));
  // The log is where the ancestor's was.
  if (toDisk) expect(filesIn(desk.at('out')).filter((name) => name !== 'download.log')).toEqual(['a.bin']);
};

const expectFailure = (file: OriginFile, failure: Failure, door: Door, desk: Desk, ended: Ended, origin: Origin): void => {
  expect(ended, ended.stderr).toMatchObject({ code: failure.code });
  expect(ended.stderr).toMatch(failure.says);
  expect(ended.stderr).toContain(`127.0.0.1:${origin.port}`);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  if (door === 'get' || door === 'hs') expect(filesIn(desk.at('out'))).not.toContain('a.bin');
  else {
    const content = contentFrom(file);
    const prefix = new Uint8Array(ended.stdout.length);
    content.copy(prefix, 0);
    expect(ended.stdout.equals(prefix), 'what came out is no beginning of the file').toBe(true);
  }
};

const play = async (scenario: Scenario, door: Door): Promise<void> => {
  const file = scenario.file ?? plainFile;
  const faults = scenario.faults ?? [];
  using desk = new Desk();
  await using origin = await Origin.start({ files: { '/a.bin': file }, faults, ...plainRate, ...scenario.origin });
  const program = door.startsWith('hs') ? 'hs' : 'hydrant';
  const running = start(program, [...commandOf(door, origin.url('/a.bin')), ...(scenario.args ?? [])], {
    desk,
    within: scenario.within ?? 25_000,
  });
  await scenario.during?.(origin, running);
  const ended = await running.ended;
  if (scenario.ends === 'right' || (scenario.ends.orRight && ended.code === 0)) expectRight(file, door, desk, ended);
  else expectFailure(file, scenario.ends, door, desk, ended, origin);
  const struck = new Set(origin.requests.flatMap((exchange) => exchange.faults));
  for (const { kind } of faults) expect(struck.has(kind), `${kind} never struck`).toBe(scenario.strikes !== 'never');
  scenario.asked?.(origin, ended);
};

/** Makes a test of every row and door: 'name, by door'. */
export const scenarios = (rows: readonly Scenario[]): void => {
  for (const row of rows) {
    for (const door of row.doors ?? (['get', 'cat'] as const)) {
      it.concurrent(`${row.name}, by ${door}`, () => play(row, door));
    }
  }
};
