import { contentFrom } from './content.ts';
import type { Fault, FaultOf } from './faults.ts';
import type { Draft, Part, Reply } from './framing.ts';
import { frame, literal } from './framing.ts';
import { Head } from './head.ts';
import type { OriginFile } from './origin-file.ts';
import type { Ask } from './request.ts';
import { resolveRange } from './request.ts';
import type { Signatures } from './signatures.ts';

const tagOf = (file: OriginFile): string => `"${(file.seed ?? 1).toString(16)}-${(file.bytes?.length ?? file.size ?? 0).toString(16)}"`;

const oldDate = 'Tue, 02 Jan 2024 03:04:05 GMT';

const describe = (file: OriginFile, rotation: string | undefined): Readonly<Record<string, string | null | undefined>> => ({
  'Content-Type': file.type === undefined ? 'application/octet-stream' : file.type,
  ETag: rotation ?? (file.etag === undefined ? tagOf(file) : file.etag),
  'Last-Modified': file.lastModified === undefined ? oldDate : file.lastModified,
  'Content-Disposition': file.disposition,
  'Accept-Ranges': 'bytes',
});

/** Whether If-Range lets the range be served (RFC 9110 §13.1.5: strong comparison, or the very date). */
const stillSame = (ask: Ask, fields: ReturnType<typeof describe>, faults: readonly Fault[]): boolean => {
  const condition = ask.headers['if-range'];
  const lie = faults.find((fault) => fault.kind === 'if-range');
  if (condition === undefined || lie?.answer === 'ignored') return true;
  if (lie?.answer === 'whole' || condition.startsWith('W/')) return false;
  return condition === fields.ETag || condition === fields['Last-Modified'];
};

const refuse = (status: number, fields: Readonly<Record<string, string>> = {}, text = `${status}\n`): Draft => {
  const head = new Head();
  head.set({ 'Content-Type': 'text/plain', ...fields });
  return { status, head, parts: [literal(Buffer.from(text))] };
};

const retryAfter = ({ retryAfter: wait }: FaultOf<'status'>): Record<string, string> => {
  if (wait === undefined) return {};
  if ('seconds' in wait) return { 'Retry-After': String(wait.seconds) };
  return { 'Retry-After': 'text' in wait ? wait.text : new Date(Date.now() + wait.date).toUTCString() };
};

/** The answer that keeps a request from the file, if `fault` gives one. */
const gate = (fault: Fault, ask: Ask, signatures: Signatures): Draft | undefined => {
  switch (fault.kind) {
    case 'status':
      return refuse(fault.status, { ...retryAfter(fault), ...fault.headers }, fault.text);
    case 'redirect': {
      const location = fault.signed === true ? signatures.sign(fault.to) : fault.to;
      return refuse(fault.status ?? 302, { Location: location });
    }
    case 'expire':
      return signatures.spend(ask, fault) ? undefined : refuse(403, {}, 'this link has expired\n');
    case 'require':
      if (ask.headers[fault.header.toLowerCase()] === fault.value) return undefined;
      return refuse(fault.status ?? 401, { 'WWW-Authenticate': 'Basic realm="origin"' });
    default:
      return undefined;
  }
};

const serve = (ask: Ask, file: OriginFile, faults: readonly Fault[], serial: number): Draft => {
  if (ask.method !== 'GET' && ask.method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' });
  const content = contentFrom(file);
  const { size } = content;
  const head = new Head();
  const fields = describe(file, faults.some((fault) => fault.kind === 'rotate') ? `"r${serial}"` : undefined);
  head.set(fields);
  const all: Draft = { status: 200, head, parts: [{ content, range: { start: 0, end: size } }] };
  const unsatisfiable = (): Draft => {
    head.set({ 'Content-Range': `bytes */${size}` });
    return { status: 416, head, parts: [] };
  };
  if (faults.some((fault) => fault.kind === 'unsatisfiable')) return unsatisfiable();
  const whole = faults.find((fault) => fault.kind === 'whole');
  if (whole !== undefined) head.set({ 'Accept-Ranges': whole.accept ?? 'bytes' });
  if (whole !== undefined || ask.method === 'HEAD' || ask.range === undefined || !stillSame(ask, fields, faults)) return all;
  const asked = resolveRange(ask.range, size);
  if (asked === undefined) return unsatisfiable();
  let sent = asked;
  let label = asked;
  let total = String(size);
  for (const fault of faults) {
    if (fault.kind === 'cap') sent = label = { start: sent.start, end: Math.min(sent.end, sent.start + fault.size) };
    if (fault.kind !== 'range') continue;
    const start = Math.min(Math.max(0, sent.start + (fault.start ?? 0)), size);
    sent = { start, end: Math.max(start, Math.min(size, sent.end + (fault.end ?? 0))) };
    label = fault.label === 'asked' ? asked : sent;
    if (fault.total !== undefined) total = fault.total === '*' ? '*' : String(size + fault.total);
  }
  const contentRange = `bytes ${label.start}-${label.end - 1}/${total}`;
  const part: Part = { content, range: sent };
  if (!faults.some((fault) => fault.kind === 'multipart')) {
    head.set({ 'Content-Range': contentRange });
    return { status: 206, head, parts: [part] };
  }
  const inner = `Content-Type: ${fields['Content-Type'] ?? 'application/octet-stream'}\r\nContent-Range: ${contentRange}`;
  head.set({ 'Content-Type': 'multipart/byteranges; boundary=EDGE' });
  const parts = [literal(Buffer.from(`--EDGE\r\n${inner}\r\n\r\n`)), part, literal(Buffer.from('\r\n--EDGE--\r\n'))];
  return { status: 206, head, parts };
};

const raw = (text: string): Reply => ({ status: 0, head: text, parts: [], chunked: false, close: true });

/** What an origin answers to `ask` for `file` (undefined: there is none) while `faults` strike; `serial` numbers the requests. */
export const replyTo = (
  ask: Ask,
  file: OriginFile | undefined,
  faults: readonly Fault[],
  state: { readonly serial: number; readonly signatures: Signatures },
): Reply => {
  let changed = file;
  let draft: Draft | undefined;
  for (const fault of faults) {
    if (fault.kind === 'raw') return raw(fault.text);
    if (fault.kind === 'change') changed = { ...changed, ...fault.to };
    draft ??= gate(fault, ask, state.signatures);
  }
  draft ??= changed === undefined ? refuse(404, {}, 'no such file\n') : serve(ask, changed, faults, state.serial);
  return frame(ask, draft, faults);
};
