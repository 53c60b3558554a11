import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

import { Origin } from '../../src/testing/origin.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a module against the built package in a process of its own, which must end by itself. */
const run = async (script: string): Promise<{ code: number | null; stdout: string }> => {
  const text = `import { Client } from 'hydrant';\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout };
};

/** URL of a slow file, and a folder to put it in, as script text. */
const stage = async (): Promise<{ url: string; output: string }> => {
  const source = await Origin.start({ files: { '/data.bin': { seed: 3, size: 1_000_000 } }, rate: { total: 1_000_000 } });
  const output = await mkdtemp(join(tmpdir(), 'hydrant-library-'));
  onTestFinished(async () => {
    await source.close();
    await rm(output, { recursive: true, force: true });
  });
  return { url: JSON.stringify(source.url('/data.bin')), output: JSON.stringify(output) };
};

it("an observer's own error does not reach the transfer, and is not swallowed", async () => {
  const { url, output } = await stage();
  const { code, stdout } = await run(`
    process.on('uncaughtException', (error) => console.log(error.message));
    const client = new Client({ observe: ({ event }) => { if (event === 'start') throw new Error('my own bug'); } });
    const { bytes } = await client.download(${url}, { output: ${output} });
    console.log(bytes);
    await client.close();`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'my own bug\n1000000\n' });
});

it('a closed client keeps no process alive, whatever ran', async () => {
  const { url, output } = await stage();
  const { code, stdout } = await run(`
    const client = new Client();
    const said = (error) => console.log(error.code);
    const running = [
      client.download(${url}, { output: ${output} }).catch(said),
      client.open(${url}).then((file) => file.read(500_000, 400_000)).catch(said),
      (async () => { for await (const file of client.stream([${url}, ${url}])) for await (const bytes of file.bytes); })().catch(said),
    ];
    setTimeout(async () => {
      await client.close();
      await Promise.all(running);
      console.log('closed');
    }, 300);`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'STOPPED\nSTOPPED\nSTOPPED\nclosed\n' });
});

it('a client installs no handlers of the process', async () => {
  const { url, output } = await stage();
  const { code, stdout } = await run(`
    const counted = () => process.eventNames().filter((name) => !['newListener'].includes(name)).map((name) => [name, process.listenerCount(name)]);
    const before = JSON.stringify(counted());
    const client = new Client();
    const running = client.download(${url}, { output: ${output} });
    setTimeout(() => console.log(JSON.stringify(counted()) === before), 300);
    await running;
    await client.close();`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'true\n' });
});
