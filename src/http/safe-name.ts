/** Longest name of a file on common file systems, in bytes, less what `.part.json` takes of it while the file is partial. */
const longest = 255 - '.part.json'.length;

const forbidden = /[<>:"/\\|?*]+/g;
// Format characters reorder or hide what is read; the two joiners, which scripts and emoji need, stay.
const unseen = /(?!\u200c|\u200d|\s)[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/gu;
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(?= *(?:\.|$))/i;
const extension = /^(.+?)((?:\.tar)?\.[^. ]{1,16})$/is;

const bytesOf = (character: string): number => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
};

const lengthOf = (text: string): number => Array.from(text, bytesOf).reduce((sum, bytes) => sum + bytes, 0);

/** The longest beginning of `text` that takes at most `size` bytes in UTF-8, no character halved. */
const cut = (text: string, size: number): string => {
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += bytesOf(character);
    if (used > size) break;
    kept += character;
  }
  return kept;
};

/** Stem and extension of a name: `a.tar.gz` is `a` and `.tar.gz`; `README` and `.profile` have an empty extension. */
export const splitName = (name: string): readonly [stem: string, extension: string] => {
  const [, stem = name, end = ''] = extension.exec(name) ?? [];
  return [stem, end];
};

const bounded = (stem: string, end: string): string => cut(stem, longest - lengthOf(end)) + end;

/**
 * `text` as the name of a file on any system: never a path, hidden, a device of Windows or longer than 245 bytes; the
 * extension survives. Empty where nothing is left.
 */
export const safeName = (text: string): string => {
  const name = text
    .replace(unseen, '')
    .replace(/\s+/g, ' ')
    .normalize('NFC')
    .replace(forbidden, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
    .replace(reserved, '$1_');
  return bounded(...splitName(name)).replace(/[. ]+$/, '');
};

/** The name that takes the place of a taken one: `stem (count).ext`. */
export const numbered = (name: string, count: number): string => {
  const [stem, end] = splitName(name);
  return bounded(stem, ` (${count})${end}`);
};
