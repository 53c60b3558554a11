import { redactUrl } from '../core/errors.ts';
import { formatRate, formatSize } from '../core/size.ts';
import type { TaskInfo } from './task-info.ts';
import { padded, printable, shortened, widthOf } from './text.ts';

const gap = '  ';

/** Tasks as a table of at most `width` columns; names give way first. */
export const tasksText = (tasks: readonly TaskInfo[], width: number): string => {
  if (tasks.length === 0) return 'no tasks; hydrant task add URL makes one\n';
  const rows = [['ID', 'NAME', 'STATE', 'CACHED', 'SPEED', 'LINK'], ...tasks.map(rowOf)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  const whole = widths.reduce((sum, one) => sum + one + gap.length, -gap.length);
  const named = widths[1] ?? 0;
  // The link comes last and is what people copy: it is never cut.
  widths[1] = Math.max(Math.min(named, 12), named - Math.max(0, whole - width));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cellText(cell, column, widths))
          .join(gap)
          .trimEnd()}\n`,
    )
    .join('');
};

const cellText = (cell: string, column: number, widths: readonly number[]): string => {
  const width = widths[column] ?? 0;
  return padded(column === 1 ? shortened(cell, width) : cell, width);
};

const rowOf = (task: TaskInfo): readonly string[] => [
  printable(task.task_id),
  nameOf(task),
  stateOf(task),
  task.cache === null || task.cache.total_size === 0 ? '-' : percent(task.cache.bytes_cached, task.cache.total_size),
  speedOf(task),
  printable(task.proxy_url),
];

/** All of a task that people ask for. */
export const taskText = (task: TaskInfo): string => {
  const { config, cache, cache_job: fill } = task;
  const headers = Object.keys(config.headers ?? {});
  const lines = [
    `${printable(task.task_id)}  ${nameOf(task)}`,
    line('link', task.proxy_url),
    line('state', stateOf(task)),
    line('served', `${formatSize(task.bytes_served)}${task.current_speed_bps > 0 ? `, now ${formatRate(task.current_speed_bps)}` : ''}`),
  ];
  if (cache !== null && cache.total_size > 0) {
    const { bytes_cached: cached, total_size: total } = cache;
    lines.push(line('cached', `${percent(cached, total)}: ${formatSize(cached)} of ${formatSize(total)}`));
  } else lines.push(line('cached', config.cache === true ? 'nothing yet' : 'no'));
  if (fill !== null) lines.push(line('fill', `${fill.state}${fill.error === null ? '' : `: ${fill.error}`}`));
  if ((config.rate_limit_bps ?? 0) > 0) lines.push(line('limit', formatRate(config.rate_limit_bps ?? 0)));
  if (typeof config.max_threads === 'number') lines.push(line('connections', String(config.max_threads)));
  // Their values are often secrets; --json shows them.
  if (headers.length > 0) lines.push(line('headers', headers.join(', ')));
  for (const [volume, mirrors] of config.volumes.entries()) {
    for (const url of mirrors) {
      lines.push(line(config.volumes.length > 1 ? `volume ${volume + 1}` : 'source', redactUrl(url)), ...healthLines(task, url));
    }
  }
  return `${lines.join('\n')}\n`;
};

const healthLines = ({ url_health: health }: TaskInfo, url: string): readonly string[] => {
  const found = health.find((one) => one.url === url);
  if (found === undefined) return [];
  const lines: string[] = [];
  if (found.last_status !== null) lines.push(line('  answered', `${found.last_status}, ${formatSize(found.bytes_contributed)} so far`));
  if (found.last_error !== null) lines.push(line('  failed', found.last_error));
  return lines;
};

const line = (name: string, value: string): string => `  ${name.padEnd(12)} ${printable(value)}`;

const nameOf = ({ config }: TaskInfo): string =>
  printable(config.name ?? config.output_filename ?? lastSegment(config.volumes[0]?.[0] ?? ''));

const lastSegment = (url: string): string => {
  const plain = redactUrl(url).replace(/[?#].*$/s, '');
  return plain.split('/').at(-1) || plain;
};

const stateOf = ({ paused, active_connections: readers, cache_job: fill }: TaskInfo): string => {
  if (paused) return 'paused';
  if (fill?.state === 'running') return fill.total_bytes > 0 ? `filling ${percent(fill.done_bytes, fill.total_bytes)}` : 'filling';
  if (readers > 0) return 'streaming';
  return fill?.state === 'failed' ? 'fill failed' : 'idle';
};

const speedOf = ({ current_speed_bps: speed, cache_job: fill }: TaskInfo): string => {
  const rate = Math.max(speed, fill?.current_speed_bps ?? 0);
  return rate > 0 ? formatRate(rate) : '-';
};

/** Never 100 % before it is all. */
const percent = (part: number, whole: number): string => `${part >= whole ? 100 : Math.min(99, Math.floor((part / whole) * 100))} %`;
