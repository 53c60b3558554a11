/*
 * One stream of events from the server. The browser takes it up again by itself where it broke off, saying what it heard
 * last; where the server refused it, it is asked for anew, later and later.
 */
import { api } from './api.ts';
import type { MessageName, Messages } from './messages.ts';
import { home } from './place.ts';
import { Watched } from './watched.ts';

/** How the page and the server stand to each other. */
export type Connection = 'connecting' | 'live' | 'offline';

type Heard = { readonly [Name in MessageName]: (data: Messages[Name]) => void };

const first = 1_000;
const longest = 30_000;

export class EventStream {
  readonly connection = new Watched<Connection>('connecting');
  readonly #heard: Heard;
  #source: EventSource | undefined;
  #timer: number | undefined;
  #wait = first;
  #greeted = false;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** Listens until the returned function is called. */
  open(): () => void {
    const retryNow = (): void => {
      if (this.connection.value === 'offline') this.retry();
    };
    this.#connect();
    addEventListener('online', retryNow);
    return () => {
      removeEventListener('online', retryNow);
      this.#drop();
    };
  }

  /** Tries again at once. */
  retry(): void {
    this.#wait = first;
    this.#connect();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #connect(): void {
    this.#drop();
    const source = new EventSource(`${home}api/events`);
    this.#source = source;
    for (const name of Object.keys(this.#heard) as readonly MessageName[]) {
      source.addEventListener(name, (event) => this.#hear(name, (event as MessageEvent<string>).data));
    }
    source.onopen = () => {
      this.#wait = first;
      this.connection.set('live');
    };
    source.onerror = () => {
      this.connection.set('offline');
      if (source.readyState === EventSource.CLOSED) this.#later();
    };
  }

  #hear<Name extends MessageName>(name: Name, text: string): void {
    const data = JSON.parse(text) as Messages[Name];
    // A stream that was asked for anew knows nothing of what happened before it.
    if (name === 'hello' && this.#greeted) this.#heard.reset({});
    else this.#heard[name](data);
    this.#greeted = true;
  }

  #later(): void {
    // Is answered with where to log in, where that is what is missing.
    api.global().catch(() => undefined);
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, longest);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
