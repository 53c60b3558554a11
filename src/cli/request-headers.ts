import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';

type Said = Partial<Pick<Options, 'header' | 'userAgent' | 'referer' | 'cookie' | 'user' | 'bearer'>>;

/** The fields that options ask for, over `base`; names in lower case. What may not be sent is the client's to refuse. Throws OPTION_INVALID where they exclude each other. */
export const requestHeaders = (said: Said, base: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const given: Record<string, string> = {};
  for (const line of said.header ?? []) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
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
    if (value !== undefined) given[name] = value;
  }
  return { ...base, ...given };
};

const authorization = ({ user, bearer }: Said): string | undefined => {
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (user === undefined) return undefined;
  if (!user.includes(':')) throw invalid('--user', 'is USER:PASSWORD; an empty password is written USER:');
  return `Basic ${Buffer.from(user, 'utf8').toString('base64')}`;
};
