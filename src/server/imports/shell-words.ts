import { refused } from './part.ts';

/** One word of a command line, without its quotes, and the line it begins on. */
export interface Word {
  readonly text: string;
  readonly line: number;
}

/** How text is quoted: by a POSIX shell, or by cmd on Windows, where `'` and `$` are characters like others. */
type Quoting = 'posix' | 'cmd';

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Text in `$'…'` from `start` on, and where its end quote is. Bytes that escapes give are UTF-8 together. */
const ansiC = (text: string, start: number): { readonly value: string; readonly end: number } | undefined => {
  const bytes: Buffer[] = [];
  let plain = '';
  const token = /'|\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|([0-7]{1,3})|c([\s\S])|([\s\S]))|[^'\\]+/y;
  token.lastIndex = start;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [whole, hex, unit, point, octal, control, other] = found;
    if (whole === "'") return { value: Buffer.concat([...bytes, Buffer.from(plain)]).toString('utf8'), end: found.index };
    const byte = hex === undefined ? (octal === undefined ? undefined : Number.parseInt(octal, 8) & 0xff) : Number.parseInt(hex, 16);
    if (byte !== undefined) {
      bytes.push(Buffer.from(plain), Buffer.of(byte));
      plain = '';
    } else if (unit !== undefined) plain += String.fromCharCode(Number.parseInt(unit, 16));
    else if (point !== undefined) plain += String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(point, 16)));
    else if (control !== undefined) plain += String.fromCharCode(control.charCodeAt(0) & 0x1f);
    else plain += other === undefined ? whole : (escapes[other] ?? other);
  }
  return undefined;
};

/** `text` as a shell would have it after its carets, where it was copied for cmd. */
const plainOf = (text: string): { readonly text: string; readonly quoting: Quoting } => {
  const lines = text.replace(/\r\n?/g, '\n');
  if (/(?:^|\s)\^"/.test(lines))
    return { text: lines.replace(/\^([\s\S])/g, (_, next: string) => (next === '\n' ? '\\\n' : next)), quoting: 'cmd' };
  if (/\s\^\n/.test(lines)) return { text: lines.replace(/\^\n/g, '\\\n'), quoting: 'cmd' };
  return { text: lines, quoting: 'posix' };
};

/**
 * Words of the commands in `given`, quoted for a POSIX shell or for cmd. What a shell would put in place of something,
 * or do with files, is refused. Throws OPTION_INVALID with the line's number.
 */
export const shellCommands = (given: string): readonly (readonly Word[])[] => {
  const { text, quoting } = plainOf(given.replace(/^\uFEFF/, ''));
  const commands: Word[][] = [[]];
  let line = 1;
  let word: { text: string; readonly line: number } | undefined;
  let at = 0;
  const here = (): string => `line ${line}:`;
  const add = (more: string): void => {
    word ??= { text: '', line };
    word.text += more;
  };
  const endWord = (): void => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (commands.at(-1)?.length !== 0) commands.push([]);
  };
  /** Takes what is quoted up to `end`, where its last quote is. */
  const take = (value: string, end: number): void => {
    add(value);
    line += text.slice(at, end).split('\n').length - 1;
    at = end + 1;
  };
  const unexpanded = (from: number): void => {
    if (quoting === 'cmd' || !/^(?:`|\$[A-Za-z_{(])/.test(text.slice(from, from + 2))) return;
    throw refused(here(), `a shell would put something in place of ${text[from]}; quote it with '…'`);
  };
  const doubleQuoted = (): void => {
    let value = '';
    for (let from = at + 1; from < text.length; from++) {
      const character = text[from] ?? '';
      const next = text[from + 1] ?? '';
      if (character === '"') {
        take(value, from);
        return;
      }
      unexpanded(from);
      if (character === '\\' && next === '\n') from++;
      else if (character === '\\' && (quoting === 'cmd' ? '"\\' : '"\\$`').includes(next) && next !== '') {
        value += next;
        from++;
      } else value += character;
    }
    throw refused(here(), 'a quote " has no end');
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (character === '"') doubleQuoted();
    else if (character === "'" && quoting === 'posix') {
      const end = text.indexOf("'", at + 1);
      if (end < 0) throw refused(here(), "a quote ' has no end");
      take(text.slice(at + 1, end), end);
    } else if (character === '$' && next === "'" && quoting === 'posix') {
      const quoted = ansiC(text, at + 2);
      if (quoted === undefined) throw refused(here(), "a quote $' has no end");
      take(quoted.value, quoted.end);
    } else if (character === '\\' && (next === '\n' || (quoting === 'posix' && next !== ''))) {
      if (next === '\n') line++;
      else add(next);
      at += 2;
    } else {
      unexpanded(at);
      if (/[|<>()]/.test(character)) throw refused(here(), `${character} is for a shell; give the curl command alone`);
      if (character === '#' && word === undefined) at = (text.indexOf('\n', at) + 1 || text.length + 1) - 2;
      else if (/[\n;&]/.test(character)) endCommand();
      else if (/\s/.test(character)) endWord();
      else add(character);
      if (character === '\n') line++;
      at++;
    }
  }
  endCommand();
  return commands.filter((command) => command.length > 0);
};
