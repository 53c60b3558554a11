import type { HydrantError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseSize } from '../../core/size.ts';
import { safeName } from '../../http/safe-name.ts';
import { type CurlOption, curlLetters, curlOptions } from './curl-options.ts';
import { basic, Headers, isSource, named, type Parts, refused, shown, type TaskPart } from './part.ts';
import { shellCommands, type Word } from './shell-words.ts';

/** One option as it was said. */
interface Said {
  readonly option: CurlOption;
  /** As it was written, for messages. */
  readonly flag: string;
  readonly value: string;
  readonly place: string;
}

/** Tasks of curl commands as browsers copy them, one per URL. Throws OPTION_INVALID with the line's number. */
export const parseCurl = (text: string): Parts => {
  const tasks: TaskPart[] = [];
  const notes: string[] = [];
  let skipped = 0;
  for (const words of shellCommands(text)) {
    const [first, ...rest] = words[0]?.text === '$' ? words.slice(1) : words;
    if (first === undefined || !/^(?:.*[/\\])?curl(?:\.exe)?$/.test(first.text)) throw notCurl(first ?? words[0]);
    const place = `line ${first.line}:`;
    for (const request of requestsIn(rest)) {
      const { parts, dropped } = requestOf(request, notes, place);
      tasks.push(...parts);
      skipped += dropped;
    }
  }
  if (tasks.length === 0) throw refused('line 1:', 'there is no http or https URL from here on');
  return { tasks, skipped, notes: [...new Set(notes)] };
};

const notCurl = (word: Word | undefined): HydrantError => {
  const text = word?.text ?? '';
  const cut = /^[^\s/]+=/.test(text) ? ': a URL with & in it needs quotes' : '';
  return refused(`line ${word?.line ?? 1}:`, `${shown(text)} is no curl command${cut}`);
};

/** The options of each request: `--next` begins another. A URL counts as its option. */
const requestsIn = (words: readonly Word[]): readonly (readonly Said[])[] => {
  const requests: Said[][] = [[]];
  const rest = words.values();
  const say = (name: string, flag: string, place: string, glued?: string): void => {
    const option = curlOptions.get(name);
    if (option === undefined) throw refused(place, `curl's option ${shown(flag)} is not known here${didYouMean(name, curlOptions.keys())}`);
    const value = option.value ? (glued ?? rest.next().value?.text) : '';
    if (value === undefined) throw refused(place, `curl's option ${flag} needs a value`);
    if (name === 'next') requests.push([]);
    else requests.at(-1)?.push({ option, flag, value, place });
  };
  let onlyUrls = false;
  for (const { text, line } of rest) {
    const place = `line ${line}:`;
    if (onlyUrls || text === '-' || !text.startsWith('-')) say('url', '--url', place, text);
    else if (text === '--') onlyUrls = true;
    else if (text.startsWith('--')) {
      const name = text.slice(2);
      const negated = name.startsWith('no-') && !curlOptions.has(name) && curlOptions.get(name.slice(3))?.value === false;
      if (!negated) say(name, text, place);
    } else {
      for (let index = 1; index < text.length; index++) {
        const letter = text[index] ?? '';
        const name = curlLetters.get(letter) ?? letter;
        const glued = text.slice(index + 1) || undefined;
        say(name, `-${letter}`, place, glued);
        if (curlOptions.get(name)?.value === true) break;
      }
    }
  }
  return requests;
};

const requestOf = (request: readonly Said[], notes: string[], place: string): { parts: readonly TaskPart[]; dropped: number } => {
  const headers = new Headers();
  const urls: Said[] = [];
  const outputs: string[] = [];
  let rate: TaskPart = {};
  const globoff = request.some(({ option }) => option.name === 'globoff');
  for (const said of request) {
    const note = useOption(said, headers);
    if (note !== undefined) notes.push(note);
    if (said.option.name === 'url') urls.push(said);
    if (said.option.name === 'output') outputs.push(said.value);
    if (said.option.name === 'limit-rate') rate = { rate_limit_bps: rateOf(said) };
  }
  if (urls.length === 0) throw refused(place, 'this curl command has no URL');
  const parts = urls.flatMap((said, index): TaskPart[] => {
    const url = urlOf(said, globoff);
    const name = safeName(outputs[index]?.split(/[/\\]/).at(-1) ?? '');
    const isName = name !== '' && outputs[index] !== '/dev/null' && outputs[index] !== '-';
    return url === undefined ? [] : [{ volumes: [[url]], ...(isName && named(name)), ...rate, ...headers.part() }];
  });
  return { parts, dropped: urls.length - parts.length };
};

/** What `said` adds to the headers; why it is left out, where it is. */
const useOption = ({ option, flag, value, place }: Said, headers: Headers): string | undefined => {
  if (option.act === 'noted') return `${place} curl's option ${flag} is left out`;
  if (option.act === 'refused') throw refused(place, `curl's option ${flag} sends something; a task only fetches`);
  switch (option.name) {
    case 'header':
      return useHeader(value, headers, place);
    case 'user-agent':
      return headers.set('User-Agent', value, place);
    case 'referer': {
      const referer = value.replace(/;auto$/, '');
      return referer === '' ? undefined : headers.set('Referer', referer, place);
    }
    case 'cookie':
      if (!value.includes('=')) return `${place} curl's option ${flag} names a file of cookies, and is left out`;
      return headers.set('Cookie', value, place, 'add');
    case 'user':
      return headers.set('Authorization', basic(value), place);
    case 'oauth2-bearer':
      return headers.set('Authorization', `Bearer ${value}`, place);
    case 'request':
      if (!/^(?:GET|HEAD)$/i.test(value)) throw refused(place, `a task fetches with GET, not with ${shown(value)}`);
      return undefined;
    default:
      return undefined;
  }
};

/** `Name:` asks curl to leave a field out that it would send, `Name;` to send an empty one. */
const useHeader = (value: string, headers: Headers, place: string): string | undefined => {
  if (value.startsWith('@')) return `${place} the headers of a file are left out`;
  if (/^[^:;\s]+;\s*$/.test(value)) return headers.set(value.replace(/;\s*$/, ''), '', place);
  if (/^[^:\s]+:\s*$/.test(value)) return undefined;
  return headers.setLine(value, place);
};

/** The URL as curl takes it; undefined where it is none of http or https. */
const urlOf = ({ value, place }: Said, globoff: boolean): string | undefined => {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!/^https?:/i.test(url)) return undefined;
  if (!isSource(url)) throw refused(place, `${shown(value)} is no URL`);
  const path = url.replace(/^\w+:\/\/[^/?#]*/, '');
  if (!globoff && /[{}[\]]/.test(path)) throw refused(place, `${shown(value)} stands for several URLs; write them out, or add --globoff`);
  return url;
};

const rateOf = ({ value, place }: Said): number => {
  try {
    return parseSize(value);
  } catch {
    throw refused(place, `--limit-rate is a size such as 2M, not ${shown(value)}`);
  }
};
