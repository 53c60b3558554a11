import type { Clock, TaskStore } from '../core/ports.ts';
import type { Downloads } from './downloads.ts';
import type { Endpoints } from './endpoints.ts';
import type { Events } from './events.ts';
import type { Fills } from './fills.ts';
import type { Links } from './links.ts';
import type { Live } from './live.ts';
import type { Settings } from './settings.ts';
import type { Tasks } from './tasks.ts';

/** What the routes of the control plane work with. */
export interface ControlPorts {
  readonly store: TaskStore;
  readonly live: Live;
  readonly settings: Settings;
  readonly tasks: Tasks;
  readonly fills: Fills;
  readonly links: Links;
  readonly events: Events;
  /** Absent where the server writes no files. */
  readonly downloads?: Downloads | undefined;
  /** Where files may be read and written; absent: nowhere. */
  readonly filesDir?: string | undefined;
  /** What links begin with; absent: scheme and host of the request. */
  readonly publicUrl?: string | undefined;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Is told what went wrong where nobody asked. */
  readonly note: (message: string) => void;
}

/** Adds endpoints. */
export type AddRoutes = (endpoints: Endpoints, ports: ControlPorts) => void;

/** What links in an answer to `request` begin with, without the slash. */
export const baseOf = (request: Request, { publicUrl }: Pick<ControlPorts, 'publicUrl'>): string =>
  publicUrl === undefined ? new URL(request.url).origin : publicUrl.replace(/\/+$/, '');
