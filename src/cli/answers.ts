import { Client } from '../client/client.ts';
import type { FileSpec } from '../client/file-spec.ts';
import { toHydrantError } from '../core/errors.ts';
import type { Options } from '../core/options.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import { type Answer, answerCode } from './answer.ts';
import { answerEvents, answerText } from './answer-text.ts';
import { jsonLine, type OwnEvent, recordOf } from './json-lines.ts';
import { openOutlet } from './outlet.ts';
import type { World } from './program.ts';
import { settingsOf } from './transfer-settings.ts';

/** How many files are asked about at once. */
const atOnce = 8;

/** Asks the sources of every file and says what they answered; resolves with the exit code, the worst of all files'. */
export const sayAnswers = async (files: readonly FileSpec[], options: Options, world: World): Promise<number> => {
  const answers = await answersOf(files, options, world.signal);
  const write = answerWriter(options, world);
  for (const [index, answer] of answers.entries()) await write(answerText(answer), answerEvents(answer, index));
  return Math.max(...answers.map(answerCode));
};

/** Asks the sources of every file; one that fails is an answer too. Answers come in the order of `files`. */
export const answersOf = async (files: readonly FileSpec[], options: TransferOptions, signal: AbortSignal): Promise<readonly Answer[]> => {
  const client = new Client({ settings: settingsOf(options) });
  const answers: Answer[] = [];
  const queue = files.entries();
  const ask = async (): Promise<void> => {
    for (const [index, file] of queue) {
      try {
        answers[index] = { file, result: await client.probe(file, signal) };
      } catch (error) {
        answers[index] = { file, error: toHydrantError(error, 'SOURCE_UNREACHABLE') };
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, ask));
  } finally {
    await client.close();
  }
  return answers;
};

/** Writes answers: `text` for people, or `events` as JSON Lines. */
export type WriteAnswer = (text: string, events: readonly OwnEvent[]) => Promise<void>;

/** What writes answers to stdout, or with `--json=FD` to that descriptor. */
export const answerWriter = ({ json }: Pick<Options, 'json'>, world: World): WriteAnswer => {
  const outlet = json === undefined || json <= 2 ? world.stdout : openOutlet(json);
  return (text, events) => outlet.write(json === undefined ? text : events.map((event) => jsonLine(recordOf(event, Date.now()))).join(''));
};
