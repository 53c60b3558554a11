/** Requests as they are, without what a client with a cache would add, and answers as they come. */
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

/** An answer read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** Asks `url`. Rejects where the answer breaks off. */
export const ask = (url: string, { method = 'GET', headers = {}, agent }: Question = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, ...(agent !== undefined && { agent }) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
    });
    asked.on('error', reject).end();
  });
