import { systemClock } from '../client/clock.ts';
import { HydrantError } from '../core/errors.ts';
import { Line } from '../transport/line.ts';
import type { Link, Links } from './links.ts';
import type { RunningTasks } from './running-tasks.ts';
import type { FindServing, Serving } from './stream-route.ts';
import { parseTask } from './task-schema.ts';
import type { Tasks } from './tasks.ts';

/** What files are found among. */
export interface FilePorts {
  readonly tasks: Tasks;
  readonly links: Links;
  readonly live: RunningTasks;
}

/** Links whose use is remembered at once; each is forgotten when it ends anyway. */
const mostUsed = 10_000;

/** What was taken by a link, and the limit that all who use it share. */
interface Use {
  taken: number;
  readonly line: Line | undefined;
}

/** Finds what `/stream/ID`, `/s/LINK` and `/fetch?url=…` lead to; a name after an id or a link is for the client alone. */
export const servingFinder = ({ tasks, links, live }: FilePorts): FindServing => {
  const uses = new Map<string, Use>();

  const byId = (id: string): Serving => {
    const { config, paused } = tasks.get(id);
    return { id, task: live.task(id, config), paused };
  };

  const byLink = (link: Link): Serving => {
    const { token, task, maxBytes, rate } = link;
    const use = uses.get(token) ?? { taken: 0, line: rate > 0 ? new Line(rate, systemClock) : undefined };
    uses.delete(token);
    const oldest = uses.size < mostUsed ? undefined : uses.keys().next().value;
    if (oldest !== undefined) uses.delete(oldest);
    uses.set(token, use);
    return {
      ...byId(task.id),
      line: use.line,
      ...(maxBytes !== null && { most: Math.max(0, maxBytes - use.taken) }),
      spend: (bytes: number) => {
        use.taken += bytes;
      },
    };
  };

  const passing = (url: string): Serving => {
    return { id: 'fetch', task: live.passing(parseTask({ url }).config), paused: false };
  };

  return (path) => {
    const [, room = '', rest = ''] = /^\/(stream|s|fetch)([/?].*)?$/s.exec(path) ?? [];
    if (room === 'fetch') return passing(wantedUrl(rest));
    const word = /^\/([^/?#]+)/.exec(rest)?.[1] ?? '';
    if (room === 'stream') return byId(word);
    const link = links.verify(word);
    if (link === undefined) throw new HydrantError('TASK_UNKNOWN', 'this link leads nowhere, or does so no longer');
    return byLink(link);
  };
};

/** The URL in `?url=…` or `/https://host/path?query`. Throws OPTION_INVALID. */
const wantedUrl = (rest: string): string => {
  if (rest.startsWith('/')) {
    // Proxies like to make one slash of two.
    const url = rest.slice(1).replace(/^(https?):\/+/i, '$1://');
    if (url !== '') return url;
  }
  const url = rest.startsWith('?') ? new URLSearchParams(rest).get('url') : null;
  if (url === null || url === '') throw new HydrantError('OPTION_INVALID', 'say what to fetch: /fetch?url=… or /fetch/https://…');
  return url;
};
