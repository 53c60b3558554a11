import { type ListEntry, readList } from '../../core/input-list.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseSize } from '../../core/size.ts';
import { safeName } from '../../http/safe-name.ts';
import { basic, Headers, isSource, named, type Parts, refused, shown, type TaskPart } from './part.ts';

const ours = [
  ...['out', 'header', 'referer', 'user-agent', 'checksum', 'split', 'max-connection-per-server', 'max-download-limit'],
  ...['http-user', 'http-passwd'],
];

/** What aria2 knows too and nothing here depends on. */
const theirs = [
  ...['all-proxy', 'http-proxy', 'https-proxy', 'min-split-size'],
  ...[
    'allow-overwrite',
    'allow-piece-length-change',
    'always-resume',
    'async-dns',
    'auto-file-renaming',
    'ca-certificate',
    'check-integrity',
  ],
  ...['conditional-get', 'connect-timeout', 'content-disposition-default-utf8', 'continue', 'dir', 'dry-run', 'enable-http-keep-alive'],
  ...[
    'enable-http-pipelining',
    'enable-mmap',
    'file-allocation',
    'follow-metalink',
    'follow-torrent',
    'force-save',
    'gid',
    'hash-check-only',
  ],
  ...[
    'http-accept-gzip',
    'http-auth-challenge',
    'http-no-cache',
    'load-cookies',
    'lowest-speed-limit',
    'max-file-not-found',
    'max-resume-failure-tries',
  ],
  ...[
    'max-tries',
    'metalink-preferred-protocol',
    'no-file-allocation-limit',
    'no-netrc',
    'no-proxy',
    'parameterized-uri',
    'pause',
    'piece-length',
  ],
  ...[
    'proxy-method',
    'realtime-chunk-checksum',
    'remote-time',
    'remove-control-file',
    'retry-wait',
    'reuse-uri',
    'rpc-save-upload-metadata',
  ],
  ...['save-not-found', 'server-stat-of', 'server-stat-if', 'stream-piece-selector', 'timeout', 'uri-selector', 'use-head'],
];

/** Tasks of an aria2 input file, one per file. Throws OPTION_INVALID with the line's number. */
export const parseAria2 = (text: string): Parts => {
  const tasks: TaskPart[] = [];
  const notes: string[] = [];
  let skipped = 0;
  for (const entry of readList(text, (line) => `line ${line}:`)) {
    const urls = entry.urls.filter(isSource);
    skipped += entry.urls.length - urls.length;
    const broken = entry.urls.find((url) => !/^[a-z][a-z0-9+.-]*:/i.test(url));
    if (broken !== undefined) throw refused(`line ${entry.line}:`, `${shown(broken)} is no URL`);
    // What is written below is read all the same, so that a mistake is told.
    const settings = settingsOf(entry, notes);
    if (urls.length > 0) tasks.push({ volumes: [urls], ...settings });
  }
  if (tasks.length === 0) throw refused('line 1:', 'there is no http or https URL from here on');
  return { tasks, skipped, notes };
};

const settingsOf = (entry: ListEntry, notes: string[]): TaskPart => {
  const headers = new Headers();
  let part: TaskPart = {};
  let user: string | undefined;
  let password = '';
  for (const { key, value, place } of entry.settings) {
    const note = (text: string | undefined): void => {
      if (text !== undefined) notes.push(text);
    };
    switch (key) {
      case 'out':
        part = { ...part, ...named(safeName(value.split(/[/\\]/).at(-1) ?? '') || 'download') };
        break;
      case 'header':
        note(headers.setLine(value, place));
        break;
      case 'referer':
        note(headers.set('Referer', value, place));
        break;
      case 'user-agent':
        note(headers.set('User-Agent', value, place));
        break;
      case 'http-user':
        user = value;
        break;
      case 'http-passwd':
        password = value;
        break;
      case 'split':
        part = { ...part, max_threads: connections(value, key, place) };
        break;
      case 'max-connection-per-server':
        part = { ...part, max_per_volume: connections(value, key, place) };
        break;
      case 'max-download-limit':
        part = { ...part, rate_limit_bps: bytes(value, key, place) };
        break;
      case 'checksum':
        if (!/^[a-z\d-]+=[\da-f]+$/i.test(value)) throw refused(place, `checksum is ALGORITHM=HEX, not ${shown(value)}`);
        note(`${place} the checksum is left out: a task has none`);
        break;
      default:
        if (!ours.includes(key) && !theirs.includes(key))
          throw refused(place, `aria2 has no option ${shown(key)}${didYouMean(key, [...ours, ...theirs])}`);
        note(`${place} ${key} is left out`);
    }
  }
  if (user !== undefined) headers.set('Authorization', basic(`${user}:${password}`), `line ${entry.line}:`);
  return { ...part, ...headers.part() };
};

const connections = (value: string, key: string, place: string): number => {
  if (!/^\d{1,9}$/.test(value) || Number(value) < 1) throw refused(place, `${key} is a whole number from 1 on, not ${shown(value)}`);
  return Math.min(128, Number(value));
};

const bytes = (value: string, key: string, place: string): number => {
  try {
    return parseSize(value);
  } catch {
    throw refused(place, `${key} is a size such as 2M, not ${shown(value)}`);
  }
};
