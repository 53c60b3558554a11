import { dirname, resolve } from 'node:path';

import type { FileSpec } from '../client/file-spec.ts';
import { freeSpace } from '../client/free-space.ts';
import { errorTable } from '../core/errors.ts';
import type { Options } from '../core/options.ts';
import { answerCode } from './answer.ts';
import { answerEvents, answerText } from './answer-text.ts';
import { answersOf, answerWriter, type WriteAnswer } from './answers.ts';
import { type OwnEvent, recordOf } from './json-lines.ts';
import { messageOf } from './message.ts';
import type { World } from './program.ts';

/** Says, through `write`, what `files` are and whether they fit where they would go; touches nothing. Resolves with the exit code. */
export const dryRun = async (
  files: readonly FileSpec[],
  options: Options,
  world: World,
  write: WriteAnswer = answerWriter(options, world),
): Promise<number> => {
  const answers = await answersOf(files, options, world.signal);
  for (const [index, answer] of answers.entries()) await write(answerText(answer), answerEvents(answer, index));
  const worst = Math.max(...answers.map(answerCode));
  const lengths = answers.flatMap(({ result }) => (result === undefined ? [] : [result.length]));
  if (options.output === '-' || lengths.length === 0) return worst;
  const needed = lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
  const unknown = lengths.filter((length) => length === undefined).length;
  const { directory, free } = await spaceAt(options.output);
  const verdict: OwnEvent = { event: 'space', directory, needed, free, unknown, enough: needed <= free };
  await write(`${messageOf(recordOf(verdict, Date.now()), true)}\n`, [verdict]);
  return Math.max(verdict.enough ? 0 : errorTable.DISK_FULL.exit, worst);
};

/** Free bytes at `path`, or at the nearest directory above it that is there. */
const spaceAt = async (path: string): Promise<{ readonly directory: string; readonly free: number }> => {
  for (let directory = resolve(path); ; directory = dirname(directory)) {
    try {
      return { directory, free: await freeSpace(directory) };
    } catch (error) {
      if (dirname(directory) === directory) throw error;
    }
  }
};
