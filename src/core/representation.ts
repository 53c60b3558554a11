/** What identifies one version of a file at one source (RFC 9110 §8.8). A weak entity-tag proves nothing about bytes. */
export interface Validator {
  /** Entity-tag as sent, quotes and `W/` included. */
  readonly etag?: string;
  /** Last-Modified as sent. */
  readonly lastModified?: string;
}

/** The bytes behind a source now (RFC 9110 §3.2). */
export interface Representation {
  /** Bytes in the whole file; undefined where the source does not say. */
  readonly length: number | undefined;
  readonly validator: Validator;
  /** Whether ranges were seen to be served. */
  readonly ranges: boolean;
  /** Media type without parameters. */
  readonly type: string | undefined;
  /** File name that Content-Disposition asks for, as sent and not yet safe. */
  readonly name: string | undefined;
  /** URL after redirects. */
  readonly url: string;
}
