import { describe, expect, it } from 'vitest';

import type { Fault } from '../../src/testing/faults.ts';
import { startOriginProcess } from '../../src/testing/remote-origin.ts';
import { askRange, messageOf, wire } from './wire.ts';

describe('an origin in a process of its own', () => {
  it('serves, obeys, counts and ends', async () => {
    const faults: Fault[] = [{ kind: 'status', status: 503, when: { first: 1 } }];
    const origin = await startOriginProcess({ files: { '/a': { bytes: Buffer.from('some bytes') } }, faults });
    const fetch = async (): Promise<string> => {
      const { text, ending } = await wire(origin.port, askRange('/a', 0, 4));
      return text === '' ? ending : `${messageOf(text).status} ${messageOf(text).body}`;
    };
    expect(await fetch()).toBe('503 503\n');
    expect(await fetch()).toBe('206 some');
    await origin.change('/a', { bytes: Buffer.from('else') });
    expect(await fetch()).toBe('206 else');
    await origin.misbehave([{ kind: 'drop' }]);
    expect(await fetch()).toBe('fin');
    await origin.down();
    expect(await fetch()).toBe('refused');
    await origin.misbehave([]);
    await origin.up();
    expect(await fetch()).toBe('206 else');
    expect((await origin.requests()).map(({ status }) => status)).toEqual([503, 206, 206, undefined, 206]);
    expect((await origin.counts()).sent).toBe(16);
    await origin.close();
    expect(await fetch()).toBe('refused');
  });
});
