/*
 * Links that say who they are for by themselves: a task, until when, how many bytes and how fast, and a sum over that
 * which only the key's holder can make. Nothing of a link is stored. It ends with its time, its task, or the key.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock, TaskStore } from '../core/ports.ts';
import type { Task, Tasks } from './tasks.ts';

/** What a link allows. */
export interface LinkTerms {
  /** Second since 1970 from which on it is of no use. */
  readonly expiresAt: number;
  /** Bytes in all that may be taken by it; null: any. */
  readonly maxBytes: number | null;
  /** Bytes per second; 0: no limit of its own. */
  readonly rate: number;
}

/** A link that is good. `token` names it where bytes are counted. */
export interface Link extends LinkTerms {
  readonly token: string;
  readonly task: Task;
}

const keyName = 'links';

export class Links {
  readonly #store: TaskStore;
  readonly #tasks: Tasks;
  readonly #clock: Pick<Clock, 'wall'>;

  private constructor(store: TaskStore, tasks: Tasks, clock: Pick<Clock, 'wall'>) {
    this.#store = store;
    this.#tasks = tasks;
    this.#clock = clock;
  }

  /** Links signed with the key that `store` keeps; made at first. */
  static async open(store: TaskStore, tasks: Tasks, clock: Pick<Clock, 'wall'>): Promise<Links> {
    const links = new Links(store, tasks, clock);
    if (links.#key.length < 16) await links.revokeAll();
    return links;
  }

  /** The token of a link to task `id`. Throws TASK_UNKNOWN. */
  issue(id: string, { expiresAt, maxBytes, rate }: LinkTerms): string {
    const terms = [id, ...[expiresAt, maxBytes ?? 0, rate].map((value) => value.toString(36))].join('.');
    return `${terms}.${this.#sum(terms, this.#tasks.get(id)).toString('base64url')}`;
  }

  /** What the link with `token` allows; undefined where it is none, or no longer one. */
  verify(token: string): Link | undefined {
    const [, terms = '', id = '', expires = '', bytes = '', rate = '', sum = ''] =
      /^(([a-z0-9]+)\.([a-z0-9]{1,11})\.([a-z0-9]{1,11})\.([a-z0-9]{1,11}))\.([\w-]{22})$/.exec(token) ?? [];
    const task = this.#tasks.find(id);
    if (task === undefined) return undefined;
    // As text: the last digit says less than six bits, and several would decode to the same sum.
    const given = Buffer.from(sum);
    const right = Buffer.from(this.#sum(terms, task).toString('base64url'));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const expiresAt = Number.parseInt(expires, 36);
    if (this.#clock.wall() >= expiresAt * 1000) return undefined;
    return { token, task, expiresAt, maxBytes: Number.parseInt(bytes, 36) || null, rate: Number.parseInt(rate, 36) };
  }

  /** Makes every link that was ever given worthless. */
  async revokeAll(): Promise<void> {
    await this.#store.commit([{ kind: 'key', key: keyName, value: randomBytes(32).toString('hex') }]);
  }

  get #key(): Buffer {
    return Buffer.from(String(this.#store.kept('key').get(keyName) ?? ''), 'hex');
  }

  /** 128 bits; with the task's beginning, so that no link outlives its task in another of the same id. */
  #sum(terms: string, task: Task): Buffer {
    return createHmac('sha256', this.#key).update(`hydrant link\n${terms}\n${task.createdAt}`).digest().subarray(0, 16);
  }
}
