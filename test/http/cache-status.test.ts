import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type CacheUse, cacheStatus } from '../../src/http/cache-status.ts';
import { character } from './characters.ts';

describe('Cache-Status', () => {
  it.each<[CacheUse, string]>([
    [{ kind: 'hit' }, 'hydrant; hit'],
    [{ kind: 'hit', ttl: 376_999 }, 'hydrant; hit; ttl=376'],
    [{ kind: 'hit', ttl: 0 }, 'hydrant; hit; ttl=0'],
    [{ kind: 'hit', ttl: -412_000, detail: 'SOURCE_UNREACHABLE' }, 'hydrant; hit; ttl=-412; detail=SOURCE_UNREACHABLE'],
    [{ kind: 'hit', ttl: -1 }, 'hydrant; hit; ttl=-1'],
    [{ kind: 'hit', ttl: Infinity }, 'hydrant; hit; ttl=999999999999999'],
    [{ kind: 'miss' }, 'hydrant; fwd=miss'],
    [{ kind: 'miss', status: 206, stored: true }, 'hydrant; fwd=miss; fwd-status=206; stored'],
    [{ kind: 'miss', collapsed: true }, 'hydrant; fwd=miss; collapsed'],
    [{ kind: 'miss', collapsed: false, stored: false }, 'hydrant; fwd=miss'],
    [{ kind: 'partial', stored: true, collapsed: true }, 'hydrant; fwd=partial; stored; collapsed'],
    [{ kind: 'stale', status: 304 }, 'hydrant; fwd=stale; fwd-status=304'],
    [{ kind: 'bypass', detail: 'no "ranges" \\ é' }, 'hydrant; fwd=bypass; detail="no \\"ranges\\" \\\\ ?"'],
    [{ kind: 'bypass', detail: '' }, 'hydrant; fwd=bypass; detail=""'],
    [{ kind: 'bypass', detail: '7' }, 'hydrant; fwd=bypass; detail="7"'],
  ])('of %j is %s (RFC 9211)', (use, field) => {
    expect(cacheStatus(use)).toBe(field);
  });

  it('is a structured field, whatever its detail says', () => {
    const item = /^hydrant; hit; detail=(?:[A-Za-z*][!#$%&'*+.^_`|~\w:/-]*|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*")$/;
    fc.assert(
      fc.property(fc.string({ unit: character }), (detail) => {
        expect(cacheStatus({ kind: 'hit', detail })).toMatch(item);
      }),
    );
  });
});
