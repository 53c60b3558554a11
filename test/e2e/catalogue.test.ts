import { describe, expect } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import type { Origin } from '../../src/testing/origin.ts';
import { scenarios } from './scenario.ts';

/** Requests that an origin had to turn away. */
const turnedAway = (origin: Origin): number => origin.requests.filter((exchange) => exchange.faults.length > 0).length;

describe('bodies', () => {
  scenarios([
    { name: 'a drop in every answer is resumed', faults: [{ kind: 'drop', after: 400_000 }], ends: 'right' },
    { name: 'a reset in every answer is resumed', faults: [{ kind: 'reset', after: 400_000 }], ends: 'right' },
    {
      name: 'a reset every 3 MB is resumed',
      file: { size: 10_000_000 },
      origin: { rate: { connection: 8_000_000 } },
      faults: [{ kind: 'reset', after: 3_000_000 }],
      args: ['--connections', '1'],
      ends: 'right',
    },
    { name: 'a connection closed in place of an answer is asked again', faults: [{ kind: 'drop', when: { every: 2 } }], ends: 'right' },
    { name: 'a stall is left behind', faults: [{ kind: 'stall', after: 100_000, when: { requests: [1] } }], ends: 'right' },
    {
      name: 'a stall of the only connection is left behind',
      faults: [{ kind: 'stall', after: 100_000, when: { first: 1 } }],
      args: ['--connections', '1'],
      ends: 'right',
    },
    { name: 'a head that never comes is left behind', faults: [{ kind: 'stall', when: { first: 1 } }], ends: 'right' },
    {
      name: 'stalling for ever ends',
      faults: [{ kind: 'stall', after: 0 }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /nothing|stall/i },
    },
    { name: 'every eighth answer is slow', faults: [{ kind: 'slow', rate: 20_000, when: { requests: [1] } }], ends: 'right' },
    { name: 'a short body is a drop', faults: [{ kind: 'short', by: 1000, when: { every: 2 } }], ends: 'right' },
    { name: 'a long body is cut', faults: [{ kind: 'long', by: 1000 }], ends: 'right' },
    { name: 'a Content-Length below the body does no harm', faults: [{ kind: 'length', by: -10, when: { requests: [1] } }], ends: 'right' },
    {
      name: 'a source that never brings a byte is given up',
      faults: [{ kind: 'drop', after: 0 }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /early|ended|closed/i },
    },
  ]);
});

describe('ranges', () => {
  scenarios([
    {
      name: 'a 206 that ends early is gone on with',
      faults: [{ kind: 'range', end: -50_000, when: { ranged: true, after: 1, first: 3 } }],
      ends: 'right',
    },
    ...[1, 100, 5000].map((size) => ({
      name: `an origin that gives ${size} bytes whatever is asked is given up soon`,
      faults: [{ kind: 'cap' as const, size }],
      ends: { code: 4, says: /gives far less than it is asked for/ },
      asked: (origin: Origin) => expect(origin.requests.length).toBeLessThan(30),
    })),
    ...[1_048_576, 5_000_000].map((size) => ({
      name: `an origin that gives at most ${size} bytes at once is served well`,
      file: { size: 30_000_000, seed: 5 },
      origin: { rate: { connection: 8_000_000 } },
      faults: [{ kind: 'cap' as const, size }],
      ends: 'right' as const,
      asked: (origin: Origin) => {
        expect(origin.requests.length).toBeLessThan(30_000_000 / size + 40);
      },
    })),
    { name: 'a 206 that ends late is cut', faults: [{ kind: 'range', end: 50_000 }], ends: 'right' },
    { name: 'a source of shifted 206s is asked for the whole instead', faults: [{ kind: 'range', start: 7, end: 7 }], ends: 'right' },
    {
      name: 'one shifted 206 does no harm',
      faults: [{ kind: 'range', start: 7, end: 7, when: { requests: [2] } }],
      ends: { code: 4, says: /range|bytes from/i, orRight: true },
    },
    {
      name: 'the same few bytes of an unknown total, whatever is asked, are not taken for the file',
      file: { bytes: Buffer.from('0123456789 and more') },
      faults: [{ kind: 'raw', text: 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/*\r\nContent-Length: 10\r\n\r\n0123456789' }],
      ends: { code: 4, says: /part|far less|bytes from/ },
    },
    { name: 'a 206 of an unknown total is taken', faults: [{ kind: 'range', total: '*' }], ends: 'right' },
    {
      name: 'a 206 of another total is a change',
      faults: [{ kind: 'range', total: 5, when: { requests: [2] } }],
      ends: { code: 5, says: /chang|length|range/i, orRight: true },
    },
    {
      name: 'a 206 without Content-Range is refused',
      faults: [{ kind: 'headers', set: { 'Content-Range': null } }],
      ends: { code: 4, says: /range/i, orRight: true },
    },
    {
      name: 'a 206 with a garbled Content-Range is refused',
      faults: [{ kind: 'headers', set: { 'Content-Range': 'bytes lots' } }],
      ends: { code: 4, says: /range/i, orRight: true },
    },
    { name: 'a multipart answer is refused', faults: [{ kind: 'multipart' }], ends: { code: 4, says: /multipart|range/i, orRight: true } },
    { name: 'a whole file for a range is taken', faults: [{ kind: 'whole' }], ends: 'right' },
    {
      name: 'a whole file for a later range does no harm',
      faults: [{ kind: 'whole', when: { after: 1 } }],
      ends: { code: 4, says: /range/i, orRight: true },
    },
    { name: 'an origin without ranges is read through', faults: [{ kind: 'whole', accept: 'none' }], ends: 'right' },
    {
      name: 'a 416 of a file that has bytes is refused',
      faults: [{ kind: 'unsatisfiable', when: { ranged: true } }],
      ends: { code: 4, says: /range/i, orRight: true },
    },
    {
      name: 'other bytes under the same ETag fail their digest',
      file: { size: 3_000_000, seed: 11, etag: '"same"' },
      faults: [{ kind: 'change', to: { seed: 12 }, when: { after: 1 } }],
      doors: ['get'],
      args: ['--checksum', `sha256:${digestOf({ size: 3_000_000, seed: 11 })}`],
      ends: { code: 3, says: /digest|checksum/i },
    },
  ]);
});

describe('versions', () => {
  const changed = { code: 5, says: /chang/i };
  scenarios([
    {
      name: 'a file that changes mid-way is no mix',
      faults: [{ kind: 'change', to: { seed: 12 }, when: { after: 2 } }],
      origin: { rate: { connection: 400_000 } },
      ends: changed,
    },
    {
      name: 'a file that changes its length mid-way is no mix',
      faults: [{ kind: 'change', to: { size: 3_100_000, etag: null }, when: { after: 2 } }],
      origin: { rate: { connection: 400_000 } },
      ends: changed,
    },
    {
      name: 'a file that changes its date mid-way is no mix',
      file: { size: 3_000_000, etag: null },
      faults: [{ kind: 'change', to: { seed: 12, lastModified: 'Wed, 03 Jan 2024 00:00:00 GMT' }, when: { after: 2 } }],
      origin: { rate: { connection: 400_000 } },
      ends: changed,
    },
    { name: 'a weak ETag is enough', file: { size: 3_000_000, etag: 'W/"weak"' }, ends: 'right' },
    { name: 'no validator is enough', file: { size: 3_000_000, etag: null, lastModified: null }, ends: 'right' },
    { name: 'an ETag that rotates per answer is no change', faults: [{ kind: 'rotate' }], ends: 'right' },
    {
      name: 'an origin that takes every If-Range for a mismatch is served',
      faults: [{ kind: 'if-range', answer: 'whole' }],
      ends: 'right',
    },
    { name: 'an origin that ignores If-Range is served', faults: [{ kind: 'if-range', answer: 'ignored' }], ends: 'right' },
  ]);
});

describe('busy origins', () => {
  scenarios([
    {
      name: 'Retry-After in seconds is obeyed',
      faults: [{ kind: 'status', status: 429, retryAfter: { seconds: 1 }, when: { first: 1 } }],
      ends: 'right',
      asked: (origin) => expect(gap(origin)).toBeGreaterThan(950),
    },
    {
      name: 'Retry-After as a date is obeyed',
      faults: [{ kind: 'status', status: 503, retryAfter: { date: 2500 }, when: { first: 1 } }],
      ends: 'right',
      asked: (origin) => expect(gap(origin)).toBeGreaterThan(1000),
    },
    {
      name: 'a Retry-After that is no time is ignored',
      faults: [{ kind: 'status', status: 503, retryAfter: { text: 'soon' }, when: { first: 1 } }],
      ends: 'right',
    },
    {
      name: 'being busy for ever ends',
      faults: [{ kind: 'status', status: 503 }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /503|busy/i },
    },
    {
      name: 'a Retry-After beyond all patience ends',
      faults: [{ kind: 'status', status: 429, retryAfter: { seconds: 86_400 } }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /429|busy/i },
    },
    ...(['status', 'reset', 'stall'] as const).map((kind) => ({
      name: `an origin that lets three in and answers the fourth with a ${kind} is served by three`,
      file: { size: 6_000_000 },
      origin: { rate: { connection: 1_000_000 } },
      faults: [kind === 'status' ? { kind, status: 503, when: { beyond: 3 } } : { kind, when: { beyond: 3 } }],
      ends: 'right' as const,
      asked: (origin: Origin) => expect(turnedAway(origin)).toBeLessThanOrEqual(20),
    })),
    { name: 'a 500 now and then is asked again', faults: [{ kind: 'status', status: 500, when: { every: 3 } }], ends: 'right' },
  ]);
});

/** Milliseconds between the end of the first request and the start of the second. */
const gap = (origin: Origin): number => (origin.requests[1]?.started ?? 0) - (origin.requests[0]?.ended ?? 0);

describe('codings, framings, heads', () => {
  scenarios([
    { name: 'gzip uninvited is refused', faults: [{ kind: 'gzip' }], ends: { code: 4, says: /gzip|coding/i } },
    { name: 'a chunked 206 is taken', faults: [{ kind: 'framing', as: 'chunked', when: { after: 1 } }], ends: 'right' },
    { name: 'a 206 that ends with its connection is taken', faults: [{ kind: 'framing', as: 'close' }], ends: 'right' },
    {
      name: 'Content-Length beside chunks is refused',
      faults: [{ kind: 'framing', as: 'both' }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /length|chunk|transfer|answer|http/i, orRight: true },
    },
    { name: 'a head in single bytes is read', faults: [{ kind: 'bytewise' }], ends: 'right' },
    { name: 'an interim answer is passed over', faults: [{ kind: 'interim' }], ends: 'right' },
    {
      name: 'a huge head is refused',
      faults: [{ kind: 'huge-head', size: 1_000_000 }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /head/i },
    },
    {
      name: 'an answer that is no HTTP is refused',
      faults: [{ kind: 'raw', text: 'ICY 200 OK\r\n\r\nla la la' }],
      args: ['--retry-timeout', '2s'],
      ends: { code: 4, says: /http|answer|pars/i },
    },
    { name: 'a lying HEAD harms nobody', faults: [{ kind: 'length', by: 7, when: { method: 'HEAD' } }], strikes: 'never', ends: 'right' },
    ...[501, 403].map((status) => ({
      name: `a HEAD answered ${status} harms nobody`,
      faults: [{ kind: 'status' as const, status, when: { method: 'HEAD' as const } }],
      strikes: 'never' as const,
      doors: ['get' as const],
      ends: 'right' as const,
    })),
  ]);
});

describe('refusals', () => {
  const once = (origin: Origin): void => expect(origin.requests.length).toBeLessThanOrEqual(2);
  scenarios(
    [401, 403, 404, 410].map((status) => ({
      name: `a ${status} is final`,
      faults: [{ kind: 'status' as const, status }],
      ends: { code: 4, says: new RegExp(String(status)) },
      asked: once,
    })),
  );
});
