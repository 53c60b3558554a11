import { errorTable, type HydrantError } from '../core/errors.ts';
import { phraseOf } from './status-text.ts';

/** Body of an answer that tells of a failure (RFC 9457 §3); `error` is there for clients of the ancestor, which read nothing else. */
export interface Problem {
  readonly error: string;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly status: number;
}

/** Media type of a Problem. */
export const problemType = 'application/problem+json';

/** The problem that a failure is to a client. */
export const problemOf = (error: HydrantError): Problem => {
  const { text, status } = errorTable[error.code];
  return { error: error.message, title: text, detail: error.message, code: error.code, status };
};

/** The problem with a request that failed as HTTP alone, by its status: a 405 has the code `METHOD_NOT_ALLOWED`. */
export const statusProblem = (status: number, detail: string): Problem => {
  const title = phraseOf(status) ?? 'Error';
  return { error: detail, title, detail, code: title.toUpperCase().replace(/[^A-Z]+/g, '_'), status };
};
