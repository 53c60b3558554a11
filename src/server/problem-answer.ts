import { HydrantError } from '../core/errors.ts';
import { problemOf, problemType, statusProblem } from '../http/problem.ts';
import { Refusal } from './refusal.ts';

/** The answer to a request that failed with `error`; what nobody foresaw goes to `note` and stays there. */
export const problemAnswer = (error: unknown, note: (message: string) => void): Response => {
  if (error instanceof Refusal) return answer(statusProblem(error.status, error.message), error.headers);
  if (error instanceof HydrantError) {
    const wait = error.retryAfter;
    return answer(problemOf(error), wait === undefined ? {} : { 'Retry-After': `${Math.ceil(wait / 1000)}` });
  }
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return answer(statusProblem(500, 'something went wrong in the server; its log says what'), {});
};

const answer = (problem: ReturnType<typeof statusProblem>, headers: Readonly<Record<string, string>>): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'Content-Type': problemType, 'Cache-Control': 'no-store', ...headers },
  });
