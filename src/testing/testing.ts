/** What tests of programs that fetch over HTTP can use: an origin that misbehaves exactly as told. */
export { type ContentSpec, contentOf, digestOf } from './content.ts';
export type { Fault, RetryAfter, When } from './faults.ts';
export { type Exchange, Origin, type OriginOptions } from './origin.ts';
export type { OriginFile } from './origin-file.ts';
export { type RemoteOrigin, startOriginProcess } from './remote-origin.ts';
