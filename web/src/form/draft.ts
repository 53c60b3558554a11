/* A task as somebody is writing it: all that is typed is text, and lists have keys so that they can be moved about. */
import type { WireConfig } from '../../../src/server/api-types.ts';
import type { ConfigDraft } from '../data/api.ts';
import { exactSize } from './sizes.ts';

/** One URL of a volume. */
export interface Mirror {
  readonly key: string;
  readonly url: string;
}

/** One of the consecutive parts of a file. */
export interface Volume {
  readonly key: string;
  readonly mirrors: readonly Mirror[];
}

export interface HeaderRow {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

export interface MappingRow {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly enabled: boolean;
}

/** What a form holds; names as the wire has them, sizes and numbers as they are typed. */
export interface TaskDraft
  extends Pick<WireConfig, 'cache' | 'auto_filename' | 'rate_limit_algorithm' | 'persist' | 'plugins' | 'content_disposition'> {
  readonly volumes: readonly Volume[];
  readonly max_threads: string;
  readonly max_per_volume: string;
  readonly max_split: string;
  readonly headers: readonly HeaderRow[];
  /** The headers as JSON while they are written that way. */
  readonly rawHeaders: string | null;
  readonly name: string;
  readonly output_filename: string;
  readonly rate_limit_bps: string;
  readonly host_mappings: readonly MappingRow[];
}

/** What is said of a task; what is absent is as usual. */
export type Said = { readonly [Key in keyof WireConfig]?: WireConfig[Key] | null };

/** A key that nothing else has. */
export const newKey = (): string => Math.random().toString(36).slice(2, 12);

export const mirrorOf = (url = ''): Mirror => ({ key: newKey(), url });

/** A volume of these URLs; one that is yet to be written where there are none. */
export const volumeOf = (urls: readonly string[] = ['']): Volume => ({ key: newKey(), mirrors: urls.map(mirrorOf) });

export const mappingRow = (from = '', to = '', enabled = true): MappingRow => ({ key: newKey(), from, to, enabled });

export const headerRow = (name = '', value = ''): HeaderRow => ({ key: newKey(), name, value });

/** The form of a task. */
export const draftOf = (said: Said = {}): TaskDraft => {
  const volumes = said.volumes ?? [];
  const perVolume = said.max_per_volume ?? 4;
  // Connections are a number always: where they are what follows from the rest, nobody has asked for them.
  const derived = Math.min(128, perVolume * Math.max(1, volumes.length));
  return {
    volumes: volumes.length === 0 ? [volumeOf()] : volumes.map(volumeOf),
    max_threads: said.max_threads == null || said.max_threads === derived ? '' : String(said.max_threads),
    max_per_volume: said.max_per_volume == null ? '' : String(perVolume),
    max_split: exactSize(said.max_split ?? 0),
    cache: said.cache ?? true,
    headers: Object.entries(said.headers ?? {}).map(([name, value]) => headerRow(name, value)),
    rawHeaders: null,
    name: said.name ?? '',
    output_filename: said.output_filename ?? '',
    auto_filename: said.auto_filename ?? true,
    rate_limit_bps: exactSize(said.rate_limit_bps ?? 0),
    rate_limit_algorithm: said.rate_limit_algorithm ?? 'token_bucket',
    persist: said.persist ?? true,
    plugins: said.plugins ?? [],
    content_disposition: said.content_disposition ?? 'auto',
    host_mappings: (said.host_mappings ?? []).map(({ from, to, enabled }) => mappingRow(from, to, enabled)),
  };
};

/** `draft` with all that `said` has in the place of what it had. */
export const withSaid = (draft: TaskDraft, said: Said): TaskDraft => {
  const other = draftOf(said);
  const taken = Object.fromEntries(Object.entries(other).filter(([name]) => name in said));
  return { ...draft, ...taken, ...('headers' in said && { rawHeaders: null }) };
};

/** The volumes without what is blank. */
export const volumesOf = ({ volumes }: Pick<TaskDraft, 'volumes'>): readonly (readonly string[])[] =>
  volumes.map(({ mirrors }) => mirrors.map(({ url }) => url.trim()).filter((url) => url !== '')).filter(({ length }) => length > 0);

/** The headers; a text says what is wrong where they are JSON that cannot be read, or have a name twice. */
export const headersOf = (draft: TaskDraft, words: { readonly notJson: string; twice(name: string): string }): object | string => {
  if (draft.rawHeaders !== null) return rawHeaders(draft.rawHeaders) ?? words.notJson;
  const rows = draft.headers.map(({ name, value }) => [name.trim(), value.trim()] as const).filter(([name, value]) => name + value !== '');
  const names = rows.map(([name]) => name.toLowerCase());
  const again = rows.find(([name], index) => names.indexOf(name.toLowerCase()) < index);
  return again === undefined ? Object.fromEntries(rows) : words.twice(again[0]);
};

/** The object in `text`; undefined where there is none. */
export const rawHeaders = (text: string): object | undefined => {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const number = (text: string, blank: number | null): unknown => {
  const plain = text.trim();
  if (plain === '') return blank;
  return Number.isFinite(Number(plain)) ? Number(plain) : plain;
};

const size = (text: string): string | number => text.trim() || 0;

/** What the server is told; `headers` are those of `headersOf`. What is no number is sent as it is: the server says so. */
export const configOf = (draft: TaskDraft, headers: object): ConfigDraft => ({
  volumes: volumesOf(draft),
  max_threads: number(draft.max_threads, null),
  max_per_volume: number(draft.max_per_volume, 4),
  max_split: size(draft.max_split),
  cache: draft.cache,
  headers,
  name: draft.name.trim() || null,
  output_filename: draft.output_filename.trim() || null,
  auto_filename: draft.auto_filename,
  rate_limit_bps: size(draft.rate_limit_bps),
  rate_limit_algorithm: draft.rate_limit_algorithm,
  persist: draft.persist,
  plugins: draft.plugins,
  content_disposition: draft.content_disposition,
  host_mappings: mappingsOf(draft.host_mappings),
});

/** Mappings as the wire has them. */
export const mappingsOf = (rows: readonly MappingRow[]): WireConfig['host_mappings'] =>
  rows.map(({ from, to, enabled }) => ({ from, to, enabled }));

/** What of `now` is not as in `before`. */
export const changes = (before: ConfigDraft, now: ConfigDraft): ConfigDraft => {
  const was: Readonly<Record<string, unknown>> = before;
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name])));
};
