import { readFileSync } from 'node:fs';
import { request as askHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as askHttps } from 'node:https';

import { type ErrorCode, errorTable, HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import { parseServer, type ServerAddress } from './server-address.ts';

/** How to reach a server, and what to show it. */
export interface TaskServerOptions {
  readonly server: string;
  readonly token: string | undefined;
  readonly cacert: string | undefined;
  readonly insecure: boolean;
}

/** What is sent with a request beside its path. */
export interface Body {
  readonly type: string;
  readonly text: string;
}

/** `value` as it is sent. */
export const jsonBody = (value: unknown): Body => ({ type: 'application/json', text: JSON.stringify(value) });

/** How long a server may say nothing, in milliseconds; a fill asks sources before it is answered. */
const patience = 60_000;
/** The most that an answer may have: the configs of a hundred thousand tasks. */
const longest = 256 * 1024 * 1024;

/** A running server, seen from a terminal. */
export class TaskServer {
  readonly #address: ServerAddress;
  readonly #token: string | undefined;
  readonly #tls: { readonly ca?: string; readonly rejectUnauthorized: boolean };
  readonly #signal: AbortSignal;

  /** Throws OPTION_INVALID. */
  constructor({ server, token, cacert, insecure }: TaskServerOptions, signal: AbortSignal) {
    this.#address = parseServer(server);
    this.#token = token;
    this.#tls = { rejectUnauthorized: !insecure, ...(cacert !== undefined && { ca: certificates(cacert) }) };
    this.#signal = signal;
  }

  /** The text of an answer. Rejects with the failure that the server tells, or SOURCE_UNREACHABLE, UNAUTHORIZED, STOPPED. */
  async text(method: string, path: string, body?: Body): Promise<string> {
    const { status, type, text } = await this.#answer(method, path, body);
    if (status >= 200 && status < 300) return text;
    throw this.#failure(status, type, text);
  }

  /** The JSON of an answer; undefined for an empty one. Rejects as `text` does. */
  async json(method: string, path: string, body?: Body): Promise<unknown> {
    const text = await this.text(method, path, body);
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw this.#stranger();
    }
  }

  #answer(method: string, path: string, body: Body | undefined): Promise<{ status: number; type: string; text: string }> {
    const { secure, base, place } = this.#address;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(this.#signal.aborted ? new HydrantError('STOPPED') : this.#unreachable(error));
      const asked: ClientRequest = (secure ? askHttps : askHttp)({
        ...place,
        ...(secure && this.#tls),
        method,
        path: `${base}${path}`,
        agent: false,
        signal: this.#signal,
        headers: {
          accept: 'application/json',
          ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
          ...(body !== undefined && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }),
        },
      });
      asked.setTimeout(patience, () => asked.destroy(new Error(`no answer within ${patience / 1000} s`)));
      asked.on('error', fail);
      asked.on('response', (response) => {
        textOf(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
          fail,
        );
      });
      asked.end(body?.text);
    });
  }

  #failure(status: number, type: string, text: string): HydrantError {
    const { text: server } = this.#address;
    if (status === 401) {
      const why = this.#token === undefined ? 'needs its token' : 'does not take this token';
      return new HydrantError('UNAUTHORIZED', `the server at ${server} ${why}: --token, --token-file or HYDRANT_TOKEN`);
    }
    if (!/\bjson\b/.test(type)) return this.#stranger();
    const { error, code } = problemIn(text);
    if (error === undefined) return this.#stranger();
    if (code !== undefined && Object.hasOwn(errorTable, code)) return new HydrantError(code as ErrorCode, error);
    return new HydrantError(status >= 500 ? 'SOURCE_REFUSED' : 'OPTION_INVALID', error);
  }

  #stranger(): HydrantError {
    return new HydrantError('SOURCE_REFUSED', `what answers at ${this.#address.text} is no hydrant server; --server names another`);
  }

  #unreachable(error: NodeJS.ErrnoException): HydrantError {
    const { text, place } = this.#address;
    const absent = error.code === 'ECONNREFUSED' || (error.code === 'ENOENT' && 'socketPath' in place);
    const why = absent ? 'no server runs' : `cannot talk to the server (${reasonOf(error)})`;
    const remedy = absent ? '; hydrant serve starts one, --server names another' : '';
    return new HydrantError('SOURCE_UNREACHABLE', `${why} at ${text}${remedy}`, { cause: error });
  }
}

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += String(part);
    if (text.length > longest) throw new Error('its answer is too long');
  }
  return text;
};

const problemIn = (text: string): { readonly error?: string; readonly code?: string } => {
  try {
    const { error, code } = JSON.parse(text) as Partial<Record<'error' | 'code', unknown>>;
    return { ...(typeof error === 'string' && { error }), ...(typeof code === 'string' && { code }) };
  } catch {
    return {};
  }
};

const reasonOf = (error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host';
    case 'EACCES':
    case 'EPERM':
      return 'the socket file belongs to somebody else';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'its certificate is self-signed: --cacert FILE trusts it, --insecure accepts any';
    default:
      return error.message;
  }
};

const certificates = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid('--cacert', `cannot be read: ${(error as Error).message}`);
  }
};
