import { type ErrorFacts, HydrantError } from '../core/errors.ts';

/** How far a request had come when it failed. */
export type Phase = 'connect' | 'wait' | 'head' | 'body';

/** Whom a failure is told of: the URL asked, and the host and port as people name them. */
export interface Place {
  readonly url: string;
  readonly host: string;
}

/** The place that `url` names, its port always given. */
export const placeOf = (url: URL): Place => ({
  url: url.href,
  host: `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`,
});

interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly address: string | undefined;
}

/** The first failure of the addresses that were tried speaks for all of them. */
const read = (error: unknown): Failure => {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const facts = (first ?? {}) as Partial<Record<'name' | 'code' | 'message' | 'address' | 'port', unknown>>;
  const { name, code, message, address, port } = facts;
  return {
    name: typeof name === 'string' ? name : '',
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(first),
    address: typeof address === 'string' ? `${address.includes(':') ? `[${address}]` : address}:${port}` : undefined,
  };
};

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

const otherCertificate = /^(?:CERT_|CRL_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$|ERR_TLS_CERT_)/;

/** What is wrong with the certificate, in words; undefined where the failure is about something else. */
const certificateText = ({ code, message }: Failure, host: string): string | undefined => {
  if (code === 'CERT_HAS_EXPIRED') return `the certificate of ${host} has expired (--insecure accepts it)`;
  if (code === 'CERT_NOT_YET_VALID') return `the certificate of ${host} is not valid yet (is the clock right? --insecure accepts it)`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate of ${host} is for another host (--insecure accepts it)`;
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
    return `the certificate of ${host} is self-signed (--cacert FILE trusts it, --insecure accepts any)`;
  if (untrusted.has(code))
    return `the certificate of ${host} is signed by nobody known (--cacert FILE names an authority, --insecure accepts any)`;
  return otherCertificate.test(code) ? `the certificate of ${host} is not valid: ${message} (--insecure accepts it)` : undefined;
};

const unreachableText = ({ name, code, message, address }: Failure, host: string): string => {
  switch (code) {
    case 'ENOTFOUND':
      return `no such host: ${host.replace(/:\d+$/, '')}`;
    case 'EAI_AGAIN':
      return `the name server gives no answer for ${host.replace(/:\d+$/, '')}`;
    case 'ECONNREFUSED':
      return `connection refused by ${address ?? host}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${address ?? host}`;
    case 'ETIMEDOUT':
      return `${address ?? host} does not answer`;
    case 'EADDRNOTAVAIL':
      return `no local address to reach ${host} from`;
    case 'EMFILE':
    case 'ENFILE':
      return `too many open files to connect to ${host} (ulimit -n raises the limit)`;
    case 'EACCES':
    case 'EPERM':
      return `this machine does not allow connections to ${address ?? host}`;
    case 'UND_ERR_HEADERS_OVERFLOW':
      return `the head of the answer of ${host} is too large`;
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return `${host} does not answer in HTTP/1.1: its Content-Length is invalid or given twice`;
    default:
      if (/wrong version number|packet length too long|http request/i.test(message)) return `${host} does not speak TLS`;
      if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return `TLS with ${host} failed: ${tlsReason(message)}`;
      if (name === 'HTTPParserError') return `${host} does not answer in HTTP/1.1: ${parserReason(message)}`;
      return `the connection to ${host} failed: ${message}`;
  }
};

/** OpenSSL's reason out of `…:SSL routines:function:reason:file:line:`. */
const tlsReason = (message: string): string => /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;

const parserReason = (message: string): string => /\(([^)]*)\)\s*$/.exec(message)?.[1] || message;

/** What the parser says of a message that is cut off. */
const atEnd = 'Invalid EOF state';

/** What undici says of an answer that nobody asked for: an upgrade, a 100 (Continue). */
const outOfTurn = /^bad (?:upgrade|response)$/;

const closed = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET', 'SOCKET_RESET']);

/** `error` of the parser or a socket, which ended a request to `place` in `phase`, as what people and the engine act on. */
export const failureOf = (error: unknown, place: Place, phase: Phase): HydrantError => {
  if (error instanceof HydrantError) return error;
  const failure = read(error);
  const facts: ErrorFacts = { url: place.url, cause: error };
  if (failure.code === 'UND_ERR_INVALID_ARG' || failure.code === 'UND_ERR_NOT_SUPPORTED')
    return new HydrantError('OPTION_INVALID', `the request cannot be sent: ${failure.message}`, facts);
  if (phase === 'body') {
    const why = failure.name === 'HTTPParserError' ? parserReason(failure.message) : atEnd;
    const detail = why === atEnd ? 'ended its answer early' : `broke the framing of its answer: ${why}`;
    return new HydrantError('SOURCE_TRUNCATED', `${place.host} ${detail}`, facts);
  }
  const certificate = certificateText(failure, place.host);
  if (certificate !== undefined) return new HydrantError('SOURCE_UNREACHABLE', certificate, { ...facts, retry: 'never' });
  if (outOfTurn.test(failure.message))
    return new HydrantError('SOURCE_UNREACHABLE', `${place.host} answers what was not asked (an upgrade or 100)`, facts);
  if (closed.has(failure.code)) {
    if (phase === 'head')
      return new HydrantError('SOURCE_TRUNCATED', `${place.host} closed the connection within the head of its answer`, facts);
    const when = phase === 'connect' ? 'before it was set up' : 'without an answer';
    return new HydrantError('SOURCE_UNREACHABLE', `${place.host} closed the connection ${when}`, facts);
  }
  return new HydrantError('SOURCE_UNREACHABLE', unreachableText(failure, place.host), facts);
};
