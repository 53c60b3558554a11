import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { bootId, processName } from '../../src/store/machine.ts';

describe('a process', () => {
  it('has one name as long as it runs, and none afterwards', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const name = processName(pid);
    expect(name).toMatch(new RegExp(`^${pid} .*\\d$`));
    expect(processName(pid)).toBe(name);
    expect(processName(process.pid)).not.toBe(name);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processName(pid)).toBeUndefined();
  });

  it.skipIf(!existsSync('/proc/self/stat'))('that is dead but not yet waited for has no name', async () => {
    // A shell that turns into a program that waits for nobody, and then loses its child.
    const parent = spawn('sh', ['-c', 'exec 3<&0; (read line <&3) & echo $!; exec sleep 60']);
    const pid = Number(`${(await once(parent.stdout, 'data'))[0]}`);
    while (readFileSync(`/proc/${parent.pid}/comm`, 'latin1') !== 'sleep\n') await new Promise(setImmediate);
    parent.stdin.write('go\n');
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await new Promise(setImmediate);
    expect(processName(pid)).toBeUndefined();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});

describe('a boot', () => {
  it('has one name', () => {
    expect(bootId()).toMatch(/\S/);
    expect(bootId()).toBe(bootId());
  });
});
