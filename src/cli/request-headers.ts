import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';

/** Fields that hydrant needs to be right about itself, with what to use instead. */
const own: Readonly<Record<string, string>> = {
  range: 'use --range',
  'if-range': 'hydrant sends it where it helps',
  'accept-encoding': 'ranges need the bytes as they are',
  'content-length': 'requests have no body',
  'transfer-encoding': 'requests have no body',
  connection: 'hydrant keeps connections itself',
};

type Said = Partial<Pick<Options, 'header' | 'userAgent' | 'referer' | 'cookie' | 'user' | 'bearer'>>;

/** The fields that options ask for, over `base`; names in lower case. Throws OPTION_INVALID for one that hydrant must set. */
export const requestHeaders = (said: Said, base: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const given: Record<string, string> = {};
  for (const line of said.header ?? []) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const reason = own[name];
    if (reason !== undefined) throw invalid('--header', `can't set ${line.slice(0, colon)}: ${reason}`);
    const before = given[name];
    const value = line.slice(colon + 1).trim();
    given[name] = before === undefined ? value : `${before}${name === 'cookie' ? ';' : ','} ${value}`;
  }
  if (said.user !== undefined && said.bearer !== undefined) throw invalid('--user', 'and --bearer exclude each other');
  const fields = {
    'user-agent': said.userAgent,
    referer: said.referer,
    cookie: said.cookie,
    authorization: authorization(said),
  };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (/[\r\n\0]/.test(value)) throw invalid(`the ${name} field`, 'must be one line');
    given[name] = value;
  }
  return { ...base, ...given };
};

const authorization = ({ user, bearer }: Said): string | undefined => {
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (user === undefined) return undefined;
  if (!user.includes(':')) throw invalid('--user', 'is USER:PASSWORD; an empty password is written USER:');
  return `Basic ${Buffer.from(user, 'utf8').toString('base64')}`;
};
