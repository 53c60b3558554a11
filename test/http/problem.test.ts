import { expect, it } from 'vitest';

import { type ErrorCode, errorTable, HydrantError } from '../../src/core/errors.ts';
import { problemOf, statusProblem } from '../../src/http/problem.ts';

it.each(Object.keys(errorTable) as ErrorCode[])('%s is told with its status, its text and what happened', (code) => {
  const error = new HydrantError(code, 'what happened', { url: 'http://a/?token=x', status: 418 });
  expect(problemOf(error)).toEqual({
    error: 'what happened',
    title: errorTable[code].text,
    detail: 'what happened',
    code,
    status: errorTable[code].status,
  });
});

it.each([
  [404, 'Not Found', 'NOT_FOUND'],
  [405, 'Method Not Allowed', 'METHOD_NOT_ALLOWED'],
  [413, 'Content Too Large', 'CONTENT_TOO_LARGE'],
  [414, 'URI Too Long', 'URI_TOO_LONG'],
  [415, 'Unsupported Media Type', 'UNSUPPORTED_MEDIA_TYPE'],
  [599, 'Error', 'ERROR'],
])('a %i is told as %s with the code %s', (status, title, code) => {
  expect(statusProblem(status, 'why')).toEqual({ error: 'why', title, detail: 'why', code, status });
});
