/*
 * Routes and their description in one. An endpoint is added once: the app serves it, the OpenAPI document describes it, and
 * a path that is asked with another method is told which it has.
 */
import { OpenAPIHono, z } from '@hono/zod-openapi';

import { problemType } from '../http/problem.ts';
import { problem } from './api-types.ts';
import { checked } from './checked.ts';
import { problemAnswer } from './problem-answer.ts';
import { Refusal } from './refusal.ts';
import { jsonBody } from './request-body.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What an endpoint takes and gives. `path` has its parameters in braces. */
export interface Endpoint<Body extends z.ZodType, Query extends z.ZodObject> {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  /** JSON that is taken; `optional`: or none at all, which is as `{}`. */
  readonly body?: Body;
  readonly optional?: boolean;
  /** Media types that are taken in place of JSON; the handler reads them. */
  readonly takes?: readonly string[];
  /** What is given on success: JSON, or text of another type. Absent: nothing, with 204. */
  readonly gives?: z.ZodType;
  readonly type?: string;
}

/** A request that has come through all checks. */
export interface Ask<Body, Query> {
  readonly request: Request;
  readonly body: Body;
  readonly query: Query;
  /** The parameter `name` of the path; '' where it has none. */
  param(name: string): string;
}

/** Bytes that a JSON body may have. */
const longestBody = 2 * 1_048_576;

export class Endpoints {
  readonly #app = new OpenAPIHono();
  readonly #paths: { readonly method: string; readonly pattern: RegExp }[] = [];
  readonly #note: (message: string) => void;

  constructor(note: (message: string) => void) {
    this.#note = note;
    this.#app.onError((error) => problemAnswer(error, note));
    this.#app.notFound((context) => problemAnswer(this.#refusal(context.req.raw), note));
  }

  add<Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodObject = z.ZodObject>(
    endpoint: Endpoint<Body, Query>,
    handle: (ask: Ask<z.output<Body>, z.output<Query>>) => Promise<Response> | Response,
  ): void {
    const { method, path, query, body, optional = false } = endpoint;
    this.#describe(endpoint);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    this.#paths.push({ method: method.toUpperCase(), pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) });
    this.#app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), async (context) => {
      const request = context.req.raw;
      const params = new Map(names.map((name) => [name, context.req.param(name) ?? '']));
      const asked = query === undefined ? {} : checked(query, context.req.query());
      const given = body === undefined ? undefined : checked(body, (await jsonBody(request, longestBody, !optional)) ?? {});
      return await handle({
        request,
        body: given as z.output<Body>,
        query: asked as z.output<Query>,
        param: (name) => params.get(name) ?? '',
      });
    });
  }

  /** Every endpoint as `METHOD /path`. */
  get all(): readonly string[] {
    return this.#app.openAPIRegistry.definitions.flatMap((definition) =>
      definition.type === 'route' ? [`${definition.route.method.toUpperCase()} ${definition.route.path}`] : [],
    );
  }

  /** The OpenAPI document of all. */
  document(version: string): unknown {
    return this.#app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'hydrant', version, description: 'Sizes in bytes, rates in bytes per second, instants in seconds since 1970.' },
    });
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return await this.#app.fetch(request);
    } catch (error) {
      return problemAnswer(error, this.#note);
    }
  }

  #refusal({ method, url }: Request): Refusal {
    const { pathname } = new URL(url);
    const methods = this.#paths.filter(({ pattern }) => pattern.test(pathname)).map((path) => path.method);
    if (methods.length === 0) return new Refusal(404, `there is nothing at ${pathname.slice(0, 200)}`);
    const allowed = [...new Set(methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))].join(', ');
    return new Refusal(405, `${method} is not among the methods of ${pathname.slice(0, 200)}: ${allowed}`, { Allow: allowed });
  }

  #describe({ method, path, summary, query, body, optional, takes, gives, type }: Endpoint<z.ZodType, z.ZodObject>): void {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
    const media = (types: readonly string[], schema: z.ZodType) => Object.fromEntries(types.map((name) => [name, { schema }]));
    const bodies = { ...(body && media(['application/json'], body)), ...(takes && media(takes, z.string())) };
    const content = gives && media([type ?? 'application/json'], gives);
    this.#app.openAPIRegistry.registerPath({
      method,
      path,
      summary,
      request: {
        ...(names.length > 0 && { params }),
        ...(query && { query }),
        ...(Object.keys(bodies).length > 0 && { body: { content: bodies, required: optional !== true } }),
      },
      responses: {
        ...(content === undefined ? { 204: { description: 'Done.' } } : { 200: { description: 'Done.', content } }),
        default: { description: 'A failure.', content: media([problemType], problem) },
      },
    });
  }
}

/** `value` as a JSON answer. */
export const json = <Value>(value: Value, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers } });

/** An answer without content. */
export const nothing = (): Response => new Response(null, { status: 204 });
