/** The program behind `startOriginProcess`: an origin with a processor of its own, told what to do by its parent. */
import { once } from 'node:events';

import { Origin, type OriginOptions } from './origin.ts';
import type { Call, Outcome } from './remote-origin.ts';

const answer = (message: Outcome): void => {
  process.send?.(message);
};

const obey = (origin: Origin, call: Call): unknown => {
  switch (call.name) {
    case 'change':
      return origin.change(call.path, call.file);
    case 'misbehave':
      return origin.misbehave(call.faults);
    case 'requests':
      return origin.requests;
    case 'counts':
      return origin.counts;
    default:
      return origin[call.name]();
  }
};

const [options] = (await once(process, 'message')) as [OriginOptions];
const origin = await Origin.start(options);
process.on('message', async ({ id, call }: { id: number; call: Call }) => {
  try {
    answer({ id, value: await obey(origin, call) });
  } catch (error) {
    answer({ id, error });
  }
  if (call.name === 'close') process.disconnect();
});
process.on('disconnect', () => process.exit());
answer({ id: 0, value: origin.port });
