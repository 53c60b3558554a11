import { connect } from 'node:net';

/** Everything one connection brought, and how it ended. */
export interface Wire {
  readonly text: string;
  readonly ending: 'fin' | 'reset' | 'refused' | 'open';
}

/** Sends `text` to `port` and collects what comes until the peer ends it or `enough` holds; the client then leaves. */
export const wire = (port: number, text: string, enough: (received: string) => boolean = () => false): Promise<Wire> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const finish = (ending: Wire['ending']): void => {
      socket.destroy();
      resolve({ text: received, ending });
    };
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      received += part;
      if (enough(received)) finish('open');
    });
    socket.on('end', () => finish('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
  });

/** The text of a request with these field lines. */
export const ask = (path: string, fields: Readonly<Record<string, string>> = {}, method = 'GET'): string => {
  const lines = Object.entries({ Host: 'origin', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
};

/** The text of a request for `[start, end)` after which the connection closes. */
export const askRange = (path: string, start: number, end: number): string =>
  ask(path, { Range: `bytes=${start}-${end - 1}`, Connection: 'close' });

export interface Message {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Takes a head apart from what follows it. */
export const messageOf = (text: string): Message => {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 2)]),
  );
  return { status: Number(line.split(' ')[1]), headers, body: text.slice(end + 4) };
};
