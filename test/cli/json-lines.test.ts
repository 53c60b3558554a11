import { describe, expect, it } from 'vitest';

import { type FieldType, jsonLine, type LogRecord, type RecordKind, recordOf, recordTable, type Told } from '../../src/cli/json-lines.ts';
import { Report } from '../../src/cli/report.ts';
import { Client } from '../../src/client/client.ts';
import type { ClientEvent } from '../../src/client/events.ts';
import { HydrantError } from '../../src/core/errors.ts';
import { Origin } from '../../src/testing/origin.ts';

const wall = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** What is wrong with `record`, by its documented kind. */
const faultsOf = (record: LogRecord): readonly string[] => {
  const { level, fields }: RecordKind = recordTable[record.event];
  const { time, level: written, event, ...facts } = record;
  const known = Object.entries(fields).flatMap(([name, type]: [string, FieldType]) => {
    const value = facts[name];
    if (value === undefined) return type.endsWith('?') ? [] : [`${event}.${name} is missing`];
    const is = Array.isArray(value) ? 'array' : typeof value;
    return type.replace('?', '') === is ? [] : [`${event}.${name} is ${is}`];
  });
  const strange = Object.keys(facts).filter((name) => !Object.hasOwn(fields, name));
  return [...known, ...strange, ...(written === level ? [] : [written]), ...(Number.isNaN(Date.parse(time)) ? [time] : [])];
};

describe('a record', () => {
  it('has time, level and event first, and then its documented fields only', () => {
    const told = { event: 'retry', file: 0, url: 'http://me:pw@a/?token=x', code: 'SOURCE_BUSY', message: 'busy', delay: 10, secret: 1 };
    expect(jsonLine(recordOf(told as unknown as Told, wall))).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","level":"warning","event":"retry","file":0,"url":"http://***@a/?token=***","code":"SOURCE_BUSY","message":"busy","delay":10}\n',
    );
  });

  it('leaves out what is not known or not finite', () => {
    const record = recordOf({ event: 'lease', file: 0, id: 1, url: 'http://a/', start: 0, end: Number.POSITIVE_INFINITY }, wall);
    expect(record).not.toHaveProperty('end');
  });
});

describe('the records of a run', () => {
  it('are as documented, whatever happens in it', async () => {
    const faults = [{ kind: 'status', status: 503, when: { path: '/a.bin', first: 2 } }] as const;
    await using origin = await Origin.start({ files: { '/a.bin': { size: 300_000 } }, faults });
    const records: LogRecord[] = [];
    await using client = new Client({
      settings: { retryTimeout: 20_000 },
      observe: (event: ClientEvent) => records.push(recordOf(event, wall)),
    });
    for (const path of ['/a.bin', '/missing']) {
      try {
        for await (const file of client.stream([origin.url(path)])) for await (const chunk of file.chunks) chunk.release();
      } catch (error) {
        expect(error).toBeInstanceOf(HydrantError);
      }
    }
    expect(records.flatMap(faultsOf)).toEqual([]);
    expect(new Set(records.map(({ event }) => event))).toEqual(
      new Set([...['start', 'retry', 'probe', 'lease', 'done', 'summary', 'failed'], ...records.map(({ event }) => event)]),
    );
  });
});

describe('a report', () => {
  const collected = (debug: boolean): { readonly report: Report; readonly records: LogRecord[] } => {
    const records: LogRecord[] = [];
    return { report: new Report([{ show: (record) => records.push(record), close: () => undefined }], [], debug), records };
  };

  it('tells of requests only under --debug', () => {
    for (const debug of [false, true]) {
      const { report, records } = collected(debug);
      report.tell({ event: 'lease', file: 0, id: 1, url: 'http://a/', start: 0, end: 1 });
      expect(records.length).toBe(debug ? 1 : 0);
    }
  });

  it('tells of a failure once', () => {
    const { report, records } = collected(false);
    report.tell({ event: 'failed', file: 0, url: 'http://a/', name: undefined, code: 'SOURCE_REFUSED', message: 'refused' });
    report.fail(new HydrantError('SOURCE_REFUSED', 'refused'));
    report.fail(new HydrantError('SOURCE_REFUSED', 'refused otherwise'));
    expect(records.map(({ message }) => message)).toEqual(['refused', 'refused otherwise']);
  });

  it('shows a stack only under --debug', () => {
    for (const debug of [false, true]) {
      const { report, records } = collected(debug);
      report.fail(new HydrantError('STORE_FAILED'));
      expect(records.flatMap(faultsOf)).toEqual([]);
      expect(records.map(({ event }) => event)).toEqual(debug ? ['failed', 'trace'] : ['failed']);
    }
  });
});
