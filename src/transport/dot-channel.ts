import { isIP } from 'node:net';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';

import { HydrantError } from '../core/errors.ts';
import { failureOf, type Place } from './failure.ts';

/** A name server that is spoken to by TLS. */
export interface DnsServer {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Name in its certificate; the address itself where undefined. */
  readonly name: string | undefined;
}

export interface DotOptions {
  /** Certificates (PEM) of the authorities to trust instead of the usual ones. */
  readonly ca?: string | readonly string[];
  /** Milliseconds for one answer, the connection included; 5 s. */
  readonly timeout?: number;
  /** Milliseconds from some fixed point; for the age of answers. */
  readonly now?: () => number;
}

export type RecordType = 'A' | 'AAAA';

interface Query {
  id: number;
  readonly name: string;
  readonly type: RecordType;
  readonly resolve: (answer: DecodedPacket) => void;
  readonly reject: (error: HydrantError) => void;
  readonly timer: NodeJS.Timeout;
  again: boolean;
}

/** Questions and answers over one TLS connection, opened when needed and kept (RFC 7858 §3.3, §3.4). */
export class DotChannel {
  readonly #server: DnsServer;
  readonly #options: DotOptions;
  readonly #place: Place;
  readonly #queries = new Map<number, Query>();
  #socket: TLSSocket | undefined;
  #answered = false;
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;

  constructor(server: DnsServer, options: DotOptions) {
    this.#server = server;
    this.#options = options;
    const host = `${isIP(server.address) === 6 ? `[${server.address}]` : server.address}:${server.port}`;
    this.#place = { url: `tls://${host}`, host: `the name server ${host}` };
  }

  /** The answer to one question, whatever its code. Rejects with SOURCE_UNREACHABLE. */
  ask(name: string, type: RecordType): Promise<DecodedPacket> {
    return new Promise((resolve, reject) => {
      const timeout = this.#options.timeout ?? 5000;
      const expire = (): void => {
        const text = `${this.#place.host} gives no answer for ${name} within ${timeout / 1000} s`;
        this.#queries.delete(query.id);
        reject(new HydrantError('SOURCE_UNREACHABLE', text, { url: this.#place.url }));
        this.#socket?.destroy();
      };
      const query: Query = { id: 0, name, type, resolve, reject, timer: setTimeout(expire, timeout), again: false };
      this.#send(query);
    });
  }

  close(): void {
    this.#socket?.destroy(new HydrantError('STOPPED', 'no longer asking for names'));
  }

  #send(query: Query): void {
    do this.#lastId = (this.#lastId + 1) & 0xffff;
    while (this.#queries.has(this.#lastId));
    query.id = this.#lastId;
    this.#queries.set(query.id, query);
    const { id, type, name } = query;
    const message = encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ type, name }] });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    this.#socket ??= this.#open();
    this.#socket.ref();
    this.#socket.write(Buffer.concat([length, message]));
  }

  #open(): TLSSocket {
    const { address, port, name } = this.#server;
    const { ca } = this.#options;
    const socket = connect({
      host: address,
      port,
      ...(name === undefined ? {} : { servername: name }),
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name ?? address, certificate),
    });
    let failure: Error | undefined;
    this.#answered = false;
    this.#received = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => this.#closed(failure));
    return socket;
  }

  #read(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 2) {
      const end = 2 + this.#received.readUInt16BE(0);
      if (this.#received.length < end) break;
      const message = this.#received.subarray(2, end);
      this.#received = this.#received.subarray(end);
      try {
        this.#answer(decode(message));
      } catch (error) {
        this.#socket?.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (this.#queries.size === 0) this.#socket?.unref();
  }

  #answer(packet: DecodedPacket): void {
    const query = this.#queries.get(packet.id ?? -1);
    const question = packet.questions?.[0];
    if (query === undefined || packet.type !== 'response' || question?.type !== query.type) return;
    if (question.name.toLowerCase() !== query.name.toLowerCase()) return;
    this.#answered = true;
    this.#queries.delete(query.id);
    clearTimeout(query.timer);
    query.resolve(packet);
  }

  /** A server may close a connection that it answered on at any time; what was asked just then is asked once more. */
  #closed(failure: Error | undefined): void {
    const answered = this.#answered && !(failure instanceof HydrantError);
    const queries = [...this.#queries.values()];
    this.#socket = undefined;
    this.#queries.clear();
    for (const query of queries) {
      if (answered && !query.again) {
        query.again = true;
        this.#send(query);
        continue;
      }
      clearTimeout(query.timer);
      query.reject(failureOf(failure ?? { code: 'ECONNRESET' }, this.#place, 'wait'));
    }
  }
}
