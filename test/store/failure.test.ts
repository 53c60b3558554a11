import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { guarded, storeFailure } from '../../src/store/failure.ts';

const systemError = (code: string, errno: number) => Object.assign(new Error(`${code}: something long, write`), { code, errno });

describe('storeFailure', () => {
  it('a full disk, a quota and a file too large for its filesystem are a full disk', () => {
    for (const [code, errno, reason] of [
      ['ENOSPC', -28, 'no space left on device'],
      ['EFBIG', -27, 'file too large'],
    ] as const) {
      const failure = storeFailure(systemError(code, errno), 'write', '/x/y.part');
      expect(failure).toMatchObject({ code: 'DISK_FULL', message: `cannot write /x/y.part: ${reason}` });
    }
    expect(storeFailure(systemError('EDQUOT', -122), 'write', '/x').code).toBe('DISK_FULL');
  });

  it('anything else is a failed store, with its cause', () => {
    const cause = systemError('EACCES', -13);
    expect(storeFailure(cause, 'open', '/x')).toMatchObject({ code: 'STORE_FAILED', message: 'cannot open /x: permission denied', cause });
    expect(storeFailure('odd', 'open', '/x').message).toBe('cannot open /x: odd');
    expect(storeFailure(new Error('plain'), 'open', '/x').message).toBe('cannot open /x: plain');
  });

  it('a failure that has a name already keeps it', async () => {
    const failure = new HydrantError('STOPPED');
    await expect(
      guarded('open', '/x', async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });
});
