import { type HydrantError, redactUrl } from '../core/errors.ts';
import type { TransferEvent } from '../core/ports.ts';
import type { TaskEvent } from './live.ts';

/** Events that are kept. */
const most = 100;

/** The last things that happened to a task. */
export class TaskLog {
  #entries: TaskEvent[] = [];

  get entries(): readonly TaskEvent[] {
    return this.#entries;
  }

  add(entry: TaskEvent): TaskEvent {
    if (this.#entries.length >= most) this.#entries = this.#entries.slice(1 - most);
    this.#entries.push(entry);
    return entry;
  }
}

const levels: Readonly<Record<string, TaskEvent['level']>> = { retry: 'warn', throttled: 'warn', source: 'warn' };

/** What the engine tells of a transfer, as an entry for people; undefined where it is too much for them. */
export const entryOf = (event: TransferEvent, wall: number): TaskEvent | undefined => {
  const text = textOf(event);
  if (text === undefined) return undefined;
  const url = typeof event.url === 'string' ? redactUrl(event.url) : undefined;
  return {
    time: new Date(wall).toISOString(),
    level: levels[event.event] ?? 'info',
    event: event.event,
    message: text,
    ...(url !== undefined && { url }),
  };
};

/** A failure as an entry. */
export const failureEntry = (error: HydrantError, wall: number): TaskEvent => ({
  time: new Date(wall).toISOString(),
  level: 'error',
  event: 'failed',
  message: error.message,
  ...(error.url !== undefined && { url: error.url }),
});

const textOf = (event: TransferEvent): string | undefined => {
  switch (event.event) {
    case 'probe':
      return `answered ${event.status} after ${event.ms} ms: ${event.length ?? 'an unknown number of'} bytes, ${event.ranges === true ? 'with' : 'without'} ranges`;
    case 'retry':
      return `${event.message}; asked again ${Number(event.delay) > 0 ? `in ${event.delay} ms` : 'at once'}`;
    case 'source':
      return `${event.state === 'out' ? 'left out: ' : ''}${event.message ?? event.state}`;
    case 'throttled':
      return `${event.origin} takes no more than ${event.connections} connections`;
    default:
      return undefined;
  }
};
