import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Lease } from './lease.ts';
import type { Ports } from './ports.ts';
import type { Source } from './source.ts';
import { silence } from './view.ts';
import type { Ending } from './worker.ts';

/** New bytes after which an answer was worth its request, whatever ended it. */
const worthwhile = 64 * 1024;
/** Answers in a row that bring less than that, although more was asked for, after which a source is given up. */
const scantyLimit = 8;

/** Whether `lease` has brought enough to speak for its source. */
export const isWorthwhile = (lease: Lease): boolean => lease.fresh >= worthwhile;

/** What went wrong with a lease that ended at `now`; undefined where nothing did, or it just was not needed any more. */
export const faultOf = (lease: Lease, ending: Ending | { readonly error: unknown }, now: number): HydrantError | undefined => {
  const failed = lease.stopped || !('error' in ending) ? undefined : toHydrantError(ending.error, 'STORE_FAILED');
  return lease.fault ?? failed ?? (lease.short && !isWorthwhile(lease) ? scanty(lease.source) : inVain(lease, now));
};

/** Notes `error`, which ended `lease` at `now`, with its source, and with its origin where that has too many connections. */
export const blame = (lease: Lease, error: HydrantError, now: number, { observe }: Ports): void => {
  const { source, origin } = lease;
  if (error.code === 'SOURCE_TRUNCATED' && isWorthwhile(lease)) {
    source.errors++;
    source.error = error;
    observe({ event: 'retry', url: source.url, code: error.code, message: error.message, delay: 0 });
    return;
  }
  // Silence or a reset where others are served, or were since, means one connection too many, not a bad source.
  const served = origin.established > 0 || origin.bytes > lease.originBytes;
  const crowded = lease.bytes === 0 && error.retry !== 'never' && error.code !== 'RANGE_IGNORED' && served;
  const delay = crowded ? source.crowded(error) : source.failed(error);
  if (!crowded && error.code !== 'SOURCE_BUSY') return;
  origin.connections.refused(now, origin.active, delay);
  const connections = origin.connections.allowed(now);
  observe({ event: 'throttled', origin: origin.key, connections, retryAfter: error.retryAfter });
};

/** The source is out for good when that comes again and again: it would take a request for every few bytes. */
const scanty = ({ spec, failures }: Source): HydrantError =>
  new HydrantError('SOURCE_TRUNCATED', 'the source gives far less than it is asked for', {
    url: spec.url,
    ...(failures + 1 >= scantyLimit && { retry: 'never' }),
  });

/** What is wrong with a request that brought nothing until others took over, where its source failed last or served others meanwhile. */
const inVain = ({ source, origin, originBytes, stopped, bytes, startedAt }: Lease, now: number): HydrantError | undefined => {
  const hung = stopped && bytes === 0 && now - startedAt > Math.max(silence, 4 * (source.latency ?? 0));
  if (!hung || (source.failures === 0 && origin.bytes === originBytes)) return undefined;
  return new HydrantError('SOURCE_STALLED', 'the source sent nothing until others took over', { url: source.spec.url });
};
