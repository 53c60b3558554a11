/** Programs of others, run to their end. */
import { installed } from './needs.ts';
import { type Desk, type Ended, Running } from './run.ts';
import type { Serving } from './serving.ts';

/** Runs an installed program on `desk`; throws, with what it said, where it fails. */
export const tool = async (desk: Desk, program: string, args: readonly string[], within = 60_000): Promise<Ended> => {
  const ended = await new Running([installed(program) ?? program, ...args], { desk, within }).ended;
  if (ended.code !== 0) throw new Error(`${program} ended with ${ended.code ?? ended.signal}: ${ended.stderr}${ended.stdout}`);
  return ended;
};

/** Makes an MP4 of `seconds` whose index is at its end, at `path`. */
export const makeFilm = (desk: Desk, path: string, seconds: number): Promise<Ended> =>
  tool(desk, 'ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${seconds}`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-b:v', '2M', '-c:a', 'aac'],
    ...['-threads', '2', path],
  ]);

/** Makes a task; resolves with the URL of its file. */
export const linkOf = async (serving: Serving, task: object): Promise<string> => `${serving.url}stream/${await serving.task(task)}`;
