import { HydrantError, redactUrl } from '../../core/errors.ts';
import { checkHeader } from '../../http/headers.ts';
import type { TaskConfig } from '../task-config.ts';

/** What an import says of one task; the rest is as usual. */
export type TaskPart = Readonly<Partial<TaskConfig>>;

/** Tasks in some text. `skipped` counts what was no http or https URL; `notes` say what else was left out, a line each. */
export interface Parts {
  readonly tasks: readonly TaskPart[];
  readonly skipped: number;
  readonly notes: readonly string[];
}

/** An OPTION_INVALID in one line, begun with where in the text it is. */
export const refused = (place: string, detail: string): HydrantError =>
  new HydrantError('OPTION_INVALID', `${place} ${detail.replace(/\s*\n\s*/g, ' ')}`);

/** Whether `text` is an http or https URL. */
export const isSource = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

/** `text` for a message, short and without secrets. */
export const shown = (text: string): string => {
  const plain = redactUrl(text);
  return JSON.stringify(plain.length > 100 ? `${plain.slice(0, 99)}…` : plain);
};

/** What the transfer says itself, or what would let a server answer something other than the file. */
const spare = new Set([
  ...['accept-encoding', 'connection', 'content-length', 'expect', 'if-match', 'if-modified-since', 'if-none-match', 'if-range'],
  ...['if-unmodified-since', 'keep-alive', 'proxy-connection', 'range', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/** The headers of one request, gathered. */
export class Headers {
  readonly #rows = new Map<string, { readonly name: string; readonly value: string }>();

  /** Adds to what has the name already, or takes its place. Throws OPTION_INVALID that begins with `place`. Returns why it is left out, where it is. */
  set(name: string, value: string, place: string, how: 'add' | 'replace' = 'replace'): string | undefined {
    const key = name.toLowerCase();
    if (spare.has(key)) return `${place} the header ${name} is left out: the transfer decides on it`;
    const before = how === 'add' ? this.#rows.get(key) : undefined;
    const joined = before === undefined ? value : `${before.value}${key === 'cookie' ? ';' : ','} ${value}`;
    try {
      checkHeader({ name, value: joined });
    } catch (error) {
      throw refused(place, error instanceof HydrantError ? error.message : String(error));
    }
    this.#rows.set(key, { name: before?.name ?? name, value: joined });
    return undefined;
  }

  /** The same, of a line `Name: value`. */
  setLine(line: string, place: string): string | undefined {
    const colon = line.indexOf(':');
    if (colon < 1) throw refused(place, `a header is written "Name: value"; ${shown(line)} is not`);
    return this.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim(), place, 'add');
  }

  /** As a task has them; nothing where there are none. */
  part(): { readonly headers?: Readonly<Record<string, string>> } {
    if (this.#rows.size === 0) return {};
    return { headers: Object.fromEntries([...this.#rows.values()].map(({ name, value }) => [name, value])) };
  }
}

/** `USER:PASSWORD` as a field of Basic credentials (RFC 7617). */
export const basic = (user: string): string => `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`, 'utf8').toString('base64')}`;

/** The name that somebody gave a file, as a task has it. */
export const named = (name: string): TaskPart => ({ output_filename: name, auto_filename: false });
