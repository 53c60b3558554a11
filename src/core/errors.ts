/** Whose fault a failure is: the origin's side, the requester's, or ours. */
export type Side = 'upstream' | 'downstream' | 'local';

/** What may be tried after a failure: the same source, another one, the same one after a wait, or nothing. */
export type Retry = 'here' | 'elsewhere' | 'later' | 'never';

/** One row of the error table. `status` is the HTTP status a server answers with; `exit` the program's exit code. */
export interface ErrorRow {
  readonly side: Side;
  readonly retry: Retry;
  readonly status: number;
  readonly exit: number;
  readonly text: string;
}

/** Every failure that hydrant knows; `docs/errors.md` is held against it by a test. */
export const errorTable = {
  SOURCE_UNREACHABLE: { side: 'upstream', retry: 'elsewhere', status: 502, exit: 4, text: 'the source cannot be reached' },
  SOURCE_REFUSED: { side: 'upstream', retry: 'elsewhere', status: 502, exit: 4, text: 'the source refused the request' },
  SOURCE_BUSY: { side: 'upstream', retry: 'later', status: 503, exit: 4, text: 'the source is busy' },
  SOURCE_STALLED: { side: 'upstream', retry: 'elsewhere', status: 504, exit: 4, text: 'the source sends nothing' },
  SOURCE_TRUNCATED: { side: 'upstream', retry: 'here', status: 502, exit: 4, text: 'the source ended its answer early' },
  SOURCE_CHANGED: { side: 'upstream', retry: 'never', status: 502, exit: 5, text: 'the file changed at its source' },
  SOURCES_DISAGREE: { side: 'upstream', retry: 'never', status: 502, exit: 5, text: 'the sources serve different files' },
  RANGE_IGNORED: { side: 'upstream', retry: 'never', status: 502, exit: 4, text: 'the source does not serve the range asked for' },
  DIGEST_MISMATCH: { side: 'upstream', retry: 'never', status: 502, exit: 3, text: 'the digest is not the expected one' },
  LENGTH_MISMATCH: { side: 'upstream', retry: 'never', status: 502, exit: 3, text: 'the length is not the expected one' },
  RANGE_UNSATISFIABLE: { side: 'downstream', retry: 'never', status: 416, exit: 2, text: 'the range lies outside the file' },
  OPTION_INVALID: { side: 'downstream', retry: 'never', status: 400, exit: 2, text: 'an option is not valid' },
  TASK_UNKNOWN: { side: 'downstream', retry: 'never', status: 404, exit: 2, text: 'there is no such task' },
  TASK_PAUSED: { side: 'downstream', retry: 'later', status: 503, exit: 2, text: 'the task is paused' },
  FORBIDDEN_ADDRESS: { side: 'downstream', retry: 'never', status: 403, exit: 2, text: 'the address is not allowed' },
  UNAUTHORIZED: { side: 'downstream', retry: 'never', status: 401, exit: 2, text: 'a token is needed' },
  DISK_FULL: { side: 'local', retry: 'never', status: 507, exit: 6, text: 'the disk is full' },
  STORE_FAILED: { side: 'local', retry: 'never', status: 500, exit: 6, text: 'the file cannot be written or read' },
  STOPPED: { side: 'local', retry: 'never', status: 499, exit: 130, text: 'stopped' },
} as const satisfies Record<string, ErrorRow>;

/** The stable name of a failure. */
export type ErrorCode = keyof typeof errorTable;

/** Facts beside the code: the source at fault, the HTTP status it gave, how long it asked to wait (milliseconds). */
export interface ErrorFacts {
  readonly cause?: unknown;
  readonly url?: string;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly retry?: Retry;
}

/** The only error that hydrant throws on purpose: match `code`, never the message. URLs in it carry no secrets. */
export class HydrantError extends Error {
  readonly code: ErrorCode;
  /** Redacted URL of the source at fault, where one is. */
  readonly url: string | undefined;
  /** HTTP status that the source answered with, where it did. */
  readonly status: number | undefined;
  /** Milliseconds that the source asked to be left alone for. */
  readonly retryAfter: number | undefined;
  readonly #retry: Retry | undefined;

  constructor(code: ErrorCode, detail?: string, facts: ErrorFacts = {}) {
    const url = facts.url === undefined ? undefined : redactUrl(facts.url);
    super(detail ?? errorTable[code].text, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'HydrantError';
    this.code = code;
    this.url = url;
    this.status = facts.status;
    this.retryAfter = facts.retryAfter;
    this.#retry = facts.retry;
  }

  get side(): Side {
    return errorTable[this.code].side;
  }

  /** What may be tried next; a failure may be stricter or milder than its row (a 404 is refused for good, a 500 is not). */
  get retry(): Retry {
    return this.#retry ?? errorTable[this.code].retry;
  }

  get exitCode(): number {
    return errorTable[this.code].exit;
  }
}

const secretKey =
  /^(?:.*(?:sig|signature|token|secret|passw(?:or)?d|pwd|credential|auth|policy|session).*|(?:.*[-_.])?(?:key|jwt|sid)|(?:.*[-_.])?sess(?:[-_.].*|id)?|(?:asp|j|php|cf)?sess.*id|key.*id)$/i;

/** A URL whose own parts say what is secret; of any other text with a scheme no more than this many characters are shown. */
const known = /^(?:[a-z][a-z0-9+.-]*:\/\/|(?![a-z][a-z0-9+.-]*:))/i;
const oddLimit = 60;

/** `url` without userinfo and fragment and with the values of secret-looking query parameters starred; any text is accepted. */
export const redactUrl = (url: string): string => {
  const plain = url
    .replace(/#.*$/s, '')
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1***@')
    .replace(/([?&;])([^=&#;]+)=([^&#;]*)/g, (whole, mark: string, key: string) => (secretKey.test(key) ? `${mark}${key}=***` : whole));
  return known.test(plain) || plain.length <= oddLimit ? plain : `${plain.slice(0, oddLimit - 1)}…`;
};

/** `error` as a HydrantError; anything foreign becomes `code` with the original as its cause. */
export const toHydrantError = (error: unknown, code: ErrorCode, facts: Omit<ErrorFacts, 'cause'> = {}): HydrantError => {
  if (error instanceof HydrantError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new HydrantError(code, `${errorTable[code].text}: ${detail}`, { ...facts, cause: error });
};
