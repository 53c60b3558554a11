/* What forms ask of the server. */
import type { WireConfig } from '../../../src/server/api-types.ts';
import { request } from './api.ts';
import { ApiError } from './api-error.ts';
import { home } from './place.ts';

/** A field of a form that a plugin describes. */
export interface PluginField {
  readonly key: string;
  readonly label: string;
  readonly kind: 'text' | 'text_area' | 'hex' | 'path' | 'dir_path' | 'number' | 'size' | 'boolean' | 'select';
  readonly hint?: string;
  readonly required: boolean;
  readonly generate_random_bytes?: number;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** A plugin, and the forms of its configurations. */
export interface PluginInfo {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly has_forward: boolean;
  readonly global: unknown;
  readonly default_task: Readonly<Record<string, unknown>>;
  readonly global_fields: readonly PluginField[];
  readonly task_fields: readonly PluginField[];
  readonly forward_fields: readonly PluginField[];
}

/** Something that an import could not make: the place in the text, from 0, and why. */
export interface RefusedTask {
  readonly index: number;
  readonly error: string;
}

interface ImportOutcome {
  readonly refused: readonly RefusedTask[];
  readonly skipped: number;
  readonly notes: readonly string[];
}

/** What a text would make. */
export interface Understood extends ImportOutcome {
  readonly kind: 'json' | 'metalink' | 'curl' | 'aria2' | 'urls' | null;
  readonly tasks: readonly Partial<WireConfig>[];
}

export interface ImportedTasks extends ImportOutcome {
  readonly created: readonly { readonly task_id: string; readonly proxy_url: string }[];
}

/** A line of the tool that encrypts and splits files. */
export type ForwardLine =
  | { readonly type: 'progress'; readonly bytes_done: number; readonly bytes_total: number; readonly phase: string }
  | { readonly type: 'error'; readonly error: string }
  | {
      readonly type: 'result';
      readonly bytes_in: number;
      readonly bytes_out: number;
      readonly message: string;
      readonly info: { readonly volumes?: readonly { readonly path: string; readonly size: number }[] } & Readonly<Record<string, unknown>>;
    };

const plain = (text: string): Blob => new Blob([text], { type: 'text/plain' });

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    const lines = (rest + value).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    yield* lines.filter((line) => line.trim() !== '');
    if (done) return;
  }
}

/** The tool of plugin `id`, line by line; ends when it is done. Rejects where it was refused or the server was lost. */
async function* forward(
  id: string,
  asked: { readonly task: object; readonly params: object },
  signal: AbortSignal,
): AsyncGenerator<ForwardLine> {
  const init = { method: 'POST', body: JSON.stringify(asked), headers: { 'content-type': 'application/json' }, signal };
  const response = await fetch(`${home}api/plugins/${encodeURIComponent(id)}/forward`, init).catch((error: unknown) => {
    throw signal.aborted ? error : new ApiError('', 0, 'OFFLINE');
  });
  if (!response.ok || response.body === null) {
    const { error = response.statusText, code = '' } = (await response.json().catch(() => ({}))) as { error?: string; code?: string };
    throw new ApiError(error, response.status, code);
  }
  for await (const line of linesOf(response.body)) yield JSON.parse(line) as ForwardLine;
}

/** The calls of forms, beside those of `api`. */
export const formApi = {
  /** What `text` would make, in the server's reading; makes nothing. */
  understand: (text: string, signal?: AbortSignal) => request<Understood>('POST', 'api/tasks/import/check', plain(text), signal),
  import: (text: string) => request<ImportedTasks>('POST', 'api/tasks/import', plain(text)),
  plugins: (signal?: AbortSignal) => request<readonly PluginInfo[]>('GET', 'api/plugins', undefined, signal),
  changeGlobal: (id: string, config: object) => request<unknown>('PUT', `api/plugins/${encodeURIComponent(id)}/global`, config),
  revokeLinks: () => request<void>('DELETE', 'api/links'),
  forward,
  /** Whether there is a token: without one there is no form that takes it. */
  hasToken: async (signal?: AbortSignal): Promise<boolean> => {
    const response = await fetch(`${home}login`, { credentials: 'omit', redirect: 'manual', ...(signal !== undefined && { signal }) });
    return response.ok;
  },
} as const;
