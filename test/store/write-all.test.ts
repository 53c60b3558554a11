import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { writeAll } from '../../src/store/write-all.ts';

describe('writeAll', () => {
  it('goes on where a partial write ended, whatever the system takes at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 9 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
        async (parts, sizes) => {
          const whole = Buffer.concat(parts);
          const medium = Buffer.alloc(whole.length + 7);
          await writeAll(0, parts, 7, async (_, left, position) => {
            const bytes = Buffer.concat(left).subarray(0, sizes.next().value);
            bytes.copy(medium, position);
            return bytes.length;
          });
          expect(medium.subarray(7)).toEqual(whole);
        },
      ),
    );
  });

  it('waits while the system takes nothing, and goes on', async () => {
    let asked = 0;
    await writeAll(0, [new Uint8Array(3)], 0, async () => (asked++ < 3 ? 0 : 3));
    expect(asked).toBe(4);
  });

  it('a failure is passed on', async () => {
    await expect(writeAll(-1, [new Uint8Array(1)], 0)).rejects.toMatchObject({ name: 'RangeError' });
  });
});
