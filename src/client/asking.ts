import { HydrantError } from '../core/errors.ts';
import type { Response } from '../core/ports.ts';
import type { SourceSpec } from '../engine/source.ts';
import type { WatchedRequest } from '../transport/exchange.ts';
import type { Work } from './work.ts';

/** Sends one request and gives the answer to `look`; one that is on its way for the stall timeout without an answer is SOURCE_STALLED. */
export const patiently = async <Seen>(
  work: Work,
  source: SourceSpec,
  method: 'GET' | 'HEAD',
  headers: Readonly<Record<string, string>>,
  look: (response: Response) => Seen | Promise<Seen>,
): Promise<Seen> => {
  const { transport, clock } = work.shared;
  const { connectTimeout, stallTimeout } = work.settings;
  const late = new AbortController();
  let wait = connectTimeout + stallTimeout;
  let cancel = clock.after(wait, () => late.abort());
  const sent = (): void => {
    cancel();
    wait = stallTimeout;
    cancel = clock.after(wait, () => late.abort());
  };
  try {
    const request: WatchedRequest = { method, url: source.url, headers: { ...source.headers, ...headers }, sent };
    const response = await transport.open(request, AbortSignal.any([work.signal, late.signal]));
    try {
      return await look(response);
    } finally {
      response.close();
    }
  } catch (error) {
    if (!late.signal.aborted || work.signal.aborted) throw error;
    throw new HydrantError('SOURCE_STALLED', `no answer within ${wait / 1000} s`, { url: source.url });
  } finally {
    cancel();
  }
};
