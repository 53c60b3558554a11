import { formatDuration, formatRate, formatSize } from '../core/size.ts';
import type { LogRecord } from './json-lines.ts';
import { printable } from './text.ts';

/** The line that tells people of a record; undefined for what is not for their eyes, or only for those who want to know more. */
export const messageOf = (record: LogRecord, verbose: boolean): string | undefined => {
  const { text, size } = reading(record);
  switch (record.event) {
    case 'done':
      return doneText(record);
    case 'failed':
      if (record.code === 'STOPPED' && record.file !== undefined) return undefined;
      return `hydrant: ${failedText(record)}`;
    case 'trace':
      return String(record.stack).split('\n').map(printable).join('\n');
    case 'warning':
      return `hydrant: ${text('message')}`;
    case 'resume':
      return `${text('name')}: goes on at ${size('bytes')}${record.length === undefined ? '' : ` of ${size('length')}`}`;
    case 'restart':
      return `${text('name')}: begins anew: ${text('message')}`;
    case 'space':
      return spaceText(record);
    case 'source':
      return sourceText(record, verbose);
    case 'throttled':
      return verbose ? `${text('origin')}: asks for less, gets at most ${text('connections')} requests at once` : undefined;
    case 'retry':
      return verbose
        ? `${text('url')}: ${text('message')}; again ${Number(record.delay) < 50 ? 'at once' : `in ${elapsedText(Number(record.delay))}`}`
        : undefined;
    case 'probe':
      return verbose ? probeText(record) : undefined;
    case 'summary':
      return verbose ? summaryText(record) : undefined;
    case 'start':
    case 'progress':
    case 'lease':
    case 'verify':
    case 'answer':
      return undefined;
  }
};

/** `97.8 % of what these sources could give; 0.1 % fetched twice; …why`, from a `summary`; each part where there is something to say. */
export const meterText = (record: LogRecord): string => {
  const bytes = Number(record.bytes ?? 0);
  const twice = Number(record.twice ?? 0);
  const share = record.share;
  const parts = [
    typeof share === 'number' ? `${(share * 100).toFixed(1)} % of what these sources could give` : undefined,
    twice > 0 && bytes > 0 ? `${twiceText(twice / bytes)} fetched twice` : undefined,
    typeof record.peak === 'number' ? `at most ${formatSize(record.peak)} in memory` : undefined,
    typeof record.why === 'string' ? record.why : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
};

/** Nothing, where there is nothing to say of how it went. */
const summaryText = (record: LogRecord): string | undefined => {
  const meter = meterText(record);
  return meter === '' ? undefined : `${reading(record).text('name')}: ${meter}`;
};

/** A share in per cent; one that rounds to nothing is still something. */
const twiceText = (share: number): string => (share < 0.0005 ? 'less than 0.1 %' : `${(share * 100).toFixed(1)} %`);

const reading = (record: LogRecord): { text: (field: string) => string; size: (field: string) => string } => ({
  text: (field) => printable(String(record[field] ?? '')),
  size: (field) => formatSize(Number(record[field] ?? 0)),
});

const doneText = (record: LogRecord): string => {
  const { text, size } = reading(record);
  const name = text(record.path === undefined ? 'name' : 'path');
  if (record.skipped === true) return `${name}: is there already, ${size('bytes')}`;
  const elapsed = Number(record.elapsed ?? 0);
  const bytes = Number(record.bytes ?? 0);
  const rate = elapsed > 0 ? ` (${formatRate((bytes / elapsed) * 1000)})` : '';
  const checked = record.verified === 'digest' ? ', digest verified' : record.verified === 'none' ? ', length unknown to the source' : '';
  return `${name}: ${size('bytes')} in ${elapsedText(elapsed)}${rate}${checked}`;
};

/** Seconds to one decimal, since a clock would show most of these times as `0:00`; longer ones as on a clock. */
const elapsedText = (time: number): string => (time < 60_000 ? `${(time / 1000).toFixed(1)} s` : formatDuration(time));

const failedText = (record: LogRecord): string => {
  const { text } = reading(record);
  const message = text('message');
  const named = record.url === undefined || message.includes(text('url')) ? '' : ` (${text('url')})`;
  return `${message}${named}`;
};

const probeText = (record: LogRecord): string => {
  const { text, size } = reading(record);
  const length = record.length === undefined ? 'length unknown' : size('length');
  return `${text('url')}: ${text('status')}, ${length}, ${record.ranges === false ? 'no ranges' : 'ranges'}, ${text('ms')} ms`;
};

/** Of the last source that was left out, the error tells. */
const sourceText = (record: LogRecord, verbose: boolean): string | undefined => {
  const { text } = reading(record);
  if (record.state === 'out' && Number(record.others) > 0) return `hydrant: left out ${text('url')}: ${text('message')}`;
  return verbose ? `${text('url')}: ${record.state === 'out' ? 'left out' : text('state')}: ${text('message')}` : undefined;
};

const spaceText = (record: LogRecord): string => {
  const { text, size } = reading(record);
  const unknown = Number(record.unknown) > 0 ? `, and ${text('unknown')} of unknown length` : '';
  const verdict = record.enough === true ? 'enough space' : 'NOT enough space';
  return `${verdict} in ${text('directory')}: ${size('needed')} needed${unknown}, ${size('free')} free`;
};
