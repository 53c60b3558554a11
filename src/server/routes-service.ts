import { z } from '@hono/zod-openapi';

import { type AddRoutes, baseOf } from './control-ports.ts';
import { exposition, expositionType } from './exposition.ts';
import { metricsOf } from './metrics.ts';
import { Refusal } from './refusal.ts';
import { teller } from './teller.ts';
import { textStream } from './text-stream.ts';

const text = (body: string, type = 'text/plain; charset=utf-8'): Response =>
  new Response(body, { headers: { 'Content-Type': type, 'Cache-Control': 'no-store' } });

/** What runs the server: events, metrics, health, and the description of all this. */
export const addServiceRoutes: AddRoutes = (endpoints, ports) => {
  const { events, version } = ports;

  endpoints.add(
    {
      method: 'get',
      path: '/api/events',
      summary: 'What happens, as server-sent events; goes on after Last-Event-ID',
      gives: z.string(),
      type: 'text/event-stream',
    },
    ({ request }) => {
      if (events.full) throw new Refusal(503, 'too many clients watch already', { 'Retry-After': '10' });
      const last = request.headers.get('last-event-id') ?? undefined;
      const tell = teller(ports, baseOf(request, ports));
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
      return new Response(
        textStream(request.signal, (signal) => events.stream(last, tell, signal)),
        { headers },
      );
    },
  );

  endpoints.add({ method: 'get', path: '/metrics', summary: 'Counts for Prometheus', gives: z.string(), type: 'text/plain' }, () =>
    text(exposition(metricsOf(ports)), expositionType),
  );

  for (const [path, summary, says] of [
    ['/healthz', 'Whether the server lives', 'ok'],
    ['/readyz', 'Whether the server takes requests', 'ready'],
  ] as const) {
    endpoints.add({ method: 'get', path, summary, gives: z.string(), type: 'text/plain' }, () => text(says));
  }

  let document: string | undefined;
  endpoints.add({ method: 'get', path: '/api/openapi.json', summary: 'The description of this API', gives: z.unknown() }, () => {
    document ??= JSON.stringify(endpoints.document(version));
    return text(document, 'application/json');
  });
};
