/*
 * What can be asked of the server, in its own names. Every call rejects with an ApiError that has the server's words; one
 * that is told that a token is needed goes to the form that takes it.
 */
import type {
  CacheJob,
  DownloadInfo,
  Global,
  HostFactsInfo,
  LinkInfo,
  Probe,
  SettingsInfo,
  TaskInfo,
  TaskPage,
  WireConfig,
} from '../../../src/server/api-types.ts';
import { ApiError } from './api-error.ts';
import type { TaskLogEntry } from './messages.ts';
import { home } from './place.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which tasks are asked for. */
export interface TaskQuery {
  readonly q?: string;
  readonly state?: 'active' | 'filling' | 'paused' | 'trouble';
  readonly limit?: number;
  readonly cursor?: string;
}

/** What of a task is set; the server fills in the rest. Sizes may be words like `5M`. */
export type ConfigDraft = { readonly [Key in keyof WireConfig]?: unknown };

/** A task that was made. */
export interface Created {
  readonly task_id: string;
  readonly proxy_url: string;
  readonly cache_started?: boolean;
  readonly cache_error?: string;
}

/** Asks `path`, which begins without a slash, and reads the answer as JSON; undefined where it is empty. */
export const request = async <Answer>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> => {
  const response = await send(method, path, body, signal);
  const text = await response.text().catch(() => {
    throw new ApiError('', 0, 'OFFLINE');
  });
  const answer: unknown = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined;
  if (response.ok) return answer as Answer;
  if (response.status === 401) goToLogin();
  const { error, code } = (answer ?? {}) as { readonly error?: string; readonly code?: string };
  throw new ApiError(error ?? (text.slice(0, 200) || response.statusText), response.status, code ?? `HTTP_${response.status}`);
};

const send = async (method: Method, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> => {
  // A Blob is sent as it is, by its own type.
  const json =
    body === undefined
      ? {}
      : body instanceof Blob
        ? { body }
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  try {
    return await fetch(home + path, { method, ...json, ...(signal !== undefined && { signal }) });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError('', 0, 'OFFLINE');
  }
};

/** Goes to the form that takes the token. */
export const goToLogin = (): void => location.assign(`${home}login`);

const query = (values: object): string => {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

const one = (id: string): string => `api/tasks/${encodeURIComponent(id)}`;

/** The server's interface, call by call. */
export const api = {
  tasks: (asked: TaskQuery, signal?: AbortSignal) =>
    request<TaskPage>('GET', `api/tasks${query({ limit: 100, ...asked })}`, undefined, signal),
  task: (id: string, signal?: AbortSignal) => request<TaskInfo>('GET', one(id), undefined, signal),
  create: (config: ConfigDraft, fill = false) => request<Created>('POST', `api/tasks${fill ? '?start_cache=1' : ''}`, config),
  edit: (id: string, change: ConfigDraft) => request<TaskInfo>('PATCH', one(id), change),
  remove: (id: string, clearCache = false) => request<void>('DELETE', `${one(id)}${clearCache ? '?clear_cache=1' : ''}`),
  pause: (id: string) => request<TaskInfo>('POST', `${one(id)}/pause`),
  resume: (id: string) => request<TaskInfo>('POST', `${one(id)}/resume`),
  fill: (id: string) => request<CacheJob>('POST', `${one(id)}/cache`),
  pauseFill: (id: string) => request<CacheJob>('POST', `${one(id)}/cache/pause`),
  clearCache: (id: string) => request<void>('DELETE', `${one(id)}/cache`),
  log: (id: string, signal?: AbortSignal) => request<readonly TaskLogEntry[]>('GET', `${one(id)}/log`, undefined, signal),
  link: (id: string, terms: { readonly expires_in?: number; readonly max_bytes?: unknown; readonly rate_limit_bps?: unknown }) =>
    request<LinkInfo>('POST', `${one(id)}/links`, terms),
  probe: (draft: ConfigDraft, signal?: AbortSignal) => request<Probe>('POST', 'api/probe', draft, signal),
  resolve: (asked: unknown) => request<HostFactsInfo>('POST', 'api/hostmap/resolve', asked),
  global: (signal?: AbortSignal) => request<Global>('GET', 'api/global', undefined, signal),
  settings: (signal?: AbortSignal) => request<SettingsInfo>('GET', 'api/settings', undefined, signal),
  changeSettings: (change: object) => request<SettingsInfo>('PUT', 'api/settings', change),
  clearAllCache: () => request<{ readonly bytes_freed: number }>('DELETE', 'api/cache'),
  downloads: (signal?: AbortSignal) => request<readonly DownloadInfo[]>('GET', 'api/downloads', undefined, signal),
  logout: async () => {
    await request<unknown>('POST', 'logout').catch(() => undefined);
    goToLogin();
  },
} as const;
