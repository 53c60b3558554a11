import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';
import { planFiles } from './plan.ts';
import { requestHeaders } from './request-headers.ts';

/** What the command line says of tasks, in the names of the wire; what it does not say is absent. */
export type TaskBody = Readonly<Record<string, unknown>>;

/** One task per file that `urls` and `given` ask for. Throws OPTION_INVALID. */
export const bodiesOf = (urls: readonly string[], given: Partial<Options>): readonly TaskBody[] => {
  const rest = settingsIn(given);
  const files = planFiles(urls, [], { ...noWishes, mirrors: given.mirrors === true, volumes: given.volumes === true }, '');
  if (given.name !== undefined && files.length > 1) throw invalid('--name', `belongs to one task and ${files.length} are asked for`);
  return files.map(({ volumes }) => ({ volumes: volumes.map((sources) => sources.map(({ url }) => url)), ...rest }));
};

/** What is to change about a task. Throws OPTION_INVALID where that is nothing. */
export const changeOf = (urls: readonly string[], given: Partial<Options>): TaskBody => {
  if (given.fill !== undefined) throw invalid('--fill', 'belongs to add; hydrant task fill ID begins to fill');
  if (urls.length === 0) {
    const change = settingsIn(given);
    if (Object.keys(change).length === 0) throw invalid('hydrant task edit', 'needs what to change: URLs, --name, --limit, …');
    return change;
  }
  if (urls.length > 1 && given.mirrors !== true && given.volumes !== true) {
    throw invalid('several URLs', 'are mirrors of one file with --mirrors, and its consecutive volumes with --volumes');
  }
  return bodiesOf(urls, given)[0] ?? {};
};

const noWishes = {
  checksum: undefined,
  range: undefined,
  header: [],
  userAgent: undefined,
  referer: undefined,
  cookie: undefined,
  user: undefined,
  bearer: undefined,
};

const settingsIn = (given: Partial<Options>): TaskBody => {
  const headers = requestHeaders(given);
  if (given.fill === true && given.cache === false) throw invalid('--fill', 'and --no-cache exclude each other');
  return {
    ...(given.name !== undefined && { name: given.name }),
    ...(Object.keys(headers).length > 0 && { headers }),
    // What was given and has no value was taken away: `--limit off`, `--connections auto`.
    ...('connections' in given && { max_threads: given.connections ?? null }),
    ...('lease' in given && { max_split: given.lease ?? 0 }),
    ...('limit' in given && { rate_limit_bps: given.limit ?? 0 }),
    ...((given.cache !== undefined || given.fill === true) && { cache: given.cache ?? true }),
    ...(given.map !== undefined && { host_mappings: given.map.map(mappingOf) }),
  };
};

const mappingOf = (text: string): TaskBody => {
  const equals = text.indexOf('=');
  if (equals < 0) throw invalid(`--map "${text}"`, 'reads FROM=TO[:PORT]');
  return { from: text.slice(0, equals).trim(), to: text.slice(equals + 1).trim(), enabled: true };
};
