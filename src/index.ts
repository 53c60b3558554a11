/** The library's public face. */
export { type BatchOptions, type BatchOutcome, batch } from './client/batch.ts';
export { Client, type ClientOptions } from './client/client.ts';
export type { DownloadOptions, DownloadResult } from './client/download.ts';
export type { ClientEvent, ClientObserver, Verified } from './client/events.ts';
export type { FileSpec } from './client/file-spec.ts';
export { freeSpace } from './client/free-space.ts';
export type { ProbeResult } from './client/probe.ts';
export type { ProbedSource } from './client/probed-source.ts';
export type { RemoteFile } from './client/remote-file.ts';
export type { StreamedFile } from './client/stream.ts';
export type { IfExists } from './client/target.ts';
export { type ErrorCode, errorTable, HydrantError, type Retry, type Side } from './core/errors.ts';
export type { Bytes, Chunk, Clock, Fields, Framing, Request, Response, Transport } from './core/ports.ts';
export type { TransferOptions } from './core/transfer-options.ts';
export type { Summary } from './engine/meter.ts';
export type { SourceSpec, SourceState } from './engine/source.ts';
