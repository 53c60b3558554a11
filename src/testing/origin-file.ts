import type { ContentSpec } from './content.ts';

/** A file that an origin serves; null takes a field away that would be there by default. */
export interface OriginFile extends ContentSpec {
  /** Entity-tag with its quotes; by default a strong one made from seed and size. */
  readonly etag?: string | null;
  /** HTTP date. */
  readonly lastModified?: string | null;
  /** Media type; application/octet-stream by default. */
  readonly type?: string | null;
  /** Content-Disposition. */
  readonly disposition?: string;
}
