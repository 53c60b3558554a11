import { join } from 'node:path/posix';

import { sourceFacts } from './source-facts.ts';

interface Floor {
  /** Rooms that may be imported. */
  readonly sees: readonly string[];
  /** Beginnings of what may be imported from outside the package. */
  readonly outside: readonly string[];
}

const nothing: readonly string[] = [];
const node = ['node:'];
const anything = [''];
const transfers = ['core', 'http', 'engine', 'transport', 'store', 'cache', 'digest', 'filter'];

/** Who may know whom; CONTRIBUTING says why. */
export const floors: Readonly<Record<string, Floor>> = {
  core: { sees: [], outside: nothing },
  // Pure grammars and tables, like the room itself.
  http: { sees: ['core'], outside: ['content-disposition', 'fast-xml-parser', 'filenamify', 'mime'] },
  engine: { sees: ['core', 'http'], outside: nothing },
  transport: { sees: ['core', 'http'], outside: anything },
  digest: { sees: ['core', 'http'], outside: anything },
  store: { sees: ['core'], outside: node },
  filter: { sees: ['core'], outside: node },
  cache: { sees: ['core', 'http', 'store'], outside: node },
  client: { sees: transfers, outside: anything },
  server: { sees: ['core', 'http', 'engine', 'cache', 'client', 'digest', 'filter', 'transport', 'store'], outside: anything },
  cli: { sees: ['core', 'client', 'server'], outside: anything },
  testing: { sees: ['core'], outside: anything },
  '.': { sees: [...transfers, 'client'], outside: nothing },
};

/** Where names of other modules may be exported on: the doors of the package. */
const doors = new Set(['index.ts', 'testing/testing.ts']);
const timeless = new Set(['core', 'http', 'engine']);
const longest = 400;

const roomOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '.');

/** What is wrong with the sources, one sentence each; `sources` maps paths below `src` to their text. */
export const breaches = (sources: ReadonlyMap<string, string>): string[] => {
  const found: string[] = [];
  const graph = new Map<string, readonly string[]>();
  for (const [path, text] of sources) {
    const room = roomOf(path);
    const floor = floors[room];
    if (floor === undefined) {
      found.push(`${path}: the room ${room} has no floor`);
      continue;
    }
    const facts = sourceFacts(text);
    const inside = facts.imports.filter((specifier) => specifier.startsWith('.')).map((specifier) => join(path, '..', specifier));
    graph.set(path, inside);
    for (const target of inside) {
      const other = roomOf(target);
      if (!sources.has(target)) found.push(`${path}: imports ${target}, which is not there`);
      else if (other !== room && !floor.sees.includes(other)) found.push(`${path}: ${room} must not know ${target}`);
    }
    for (const specifier of facts.imports.filter((specifier) => !specifier.startsWith('.'))) {
      if (!floor.outside.some((beginning) => specifier.startsWith(beginning))) found.push(`${path}: ${room} must not import ${specifier}`);
    }
    if (timeless.has(room)) for (const name of facts.ambient) found.push(`${path}: reads ${name}; time and randomness are passed in`);
    if (facts.passesOn && !doors.has(path)) found.push(`${path}: exports another module's names; only ${[...doors].join(', ')} may`);
    if (path.endsWith('/index.ts')) found.push(`${path}: is a barrel`);
    if (facts.lines > longest) found.push(`${path}: has ${facts.lines} lines, more than ${longest}`);
  }
  return [...found, ...cycles(graph)];
};

const cycles = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push(`cycle: ${[...trail.slice(at), path].join(' → ')}`);
    if (at >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
};
