import { encodeExtended } from 'content-disposition';

/** How a browser is to treat a file: show it, or save it. */
export type Disposition = 'inline' | 'attachment';

/**
 * Value of a Content-Disposition field (RFC 6266 §4): the name in ASCII, `_` for what may be misread there, and exactly in
 * `filename*` (RFC 8187) where that differs. An escaped quote or backslash and a percent-encoded character are among what
 * recipients misread (RFC 6266, appendix D).
 */
export const dispositionField = (disposition: Disposition, name: string): string => {
  const plain = name.replace(/[^\x20-\x7e]|["\\]|%(?=[0-9A-Fa-f]{2})/gu, '_');
  const exact = plain === name ? '' : `; filename*=${encodeExtended(name.replace(/\p{Cs}/gu, '\ufffd'))}`;
  return `${disposition}; filename="${plain}"${exact}`;
};
