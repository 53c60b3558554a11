import { isIP } from 'node:net';

/** Host and port of a Host field, an authority or an origin; the name in lower case, IPv6 without brackets. */
export interface RequestHost {
  readonly name: string;
  readonly port: number | undefined;
}

/** Reads a Host field (RFC 9110 §7.2); undefined for what is none. */
export const parseHost = (field: string | undefined): RequestHost | undefined => {
  const [, v6, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{0,5}))?$/i.exec(field ?? '') ?? [];
  const name = v6 ?? plain?.toLowerCase().replace(/\.$/, '');
  if (name === undefined || name === '' || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  return { name, port: digits === undefined || digits === '' ? undefined : Number(digits) };
};

/** What a request is for: the path with its query, and the Host that counts (RFC 9112 §3.2.2: a whole URL wins over the field). */
export const targetOf = (target: string, field: string | undefined): { readonly path: string; readonly host: string | undefined } => {
  const [whole, authority] = /^https?:\/\/([^/?#]*)/i.exec(target) ?? [];
  if (whole === undefined) return { path: target, host: field };
  const path = target.slice(whole.length);
  return { path: path.startsWith('/') ? path : `/${path}`, host: authority };
};

/**
 * Whether requests for a host are for this server. A page that resolves its own name to this machine (DNS rebinding)
 * cannot name the host otherwise than by that name, so that addresses are as good as the names that were allowed.
 */
export const hostCheck = (allowed: readonly string[]): ((host: RequestHost) => boolean) => {
  const names = new Set(
    allowed.map((name) =>
      name
        .toLowerCase()
        .replace(/^\[(.*)\]$/, '$1')
        .replace(/\.$/, ''),
    ),
  );
  return ({ name }) => isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.has(name);
};
