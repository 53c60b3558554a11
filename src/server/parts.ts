import { statusProblem } from '../http/problem.ts';
import { answerPage, answerProblem, answerText } from './plain-answer.ts';
import type { OpenParts } from './server.ts';
import { startPage } from './start-page.ts';

/** Opens the parts of the real server. */
export const openParts: OpenParts = async () => ({
  tasks: 0,
  data: { handle: (_request, response) => answerProblem(response, statusProblem(404, 'there is no such task')) },
  control: (request, response) => {
    if (request.url === '/healthz') return answerText(response, 200, 'text/plain; charset=utf-8', 'ok');
    if (request.url === '/') return answerPage(response, startPage(0));
    return answerProblem(response, statusProblem(404, 'there is nothing here'));
  },
  stop: () => undefined,
  close: async () => undefined,
});
