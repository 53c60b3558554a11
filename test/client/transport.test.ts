import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, it } from 'vitest';

import { transportOf } from '../../src/client/transport.ts';
import { layered } from '../../src/core/options.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { certificates } from '../transport/certificates.ts';
import { track } from '../transport/servers.ts';
import { folder } from './stage.ts';

/** Whether a name server that shows `certificates.valid` was spoken to, when only the authority in `cacert` is trusted. */
const isTrusted = async (cacert: string | undefined): Promise<boolean> => {
  let asked = false;
  const server = createServer({ key: certificates.key, cert: certificates.valid }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      asked = true;
      socket.destroy();
    });
  });
  const { port } = await track(server, 'tls');
  const dns = `tls://127.0.0.1:${port}`;
  const transport = transportOf(layered(transferOptions, { dns, ...(cacert !== undefined && { cacert }) }));
  try {
    const request = { method: 'GET', url: 'http://file.example/', headers: {} } as const;
    await expect(transport.open(request)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    return asked;
  } finally {
    await transport.close();
  }
};

it('trusts the authorities of cacert for the name server as well', async () => {
  const cacert = join(await folder(), 'ca.pem');
  await writeFile(cacert, certificates.valid);
  expect(await isTrusted(undefined)).toBe(false);
  expect(await isTrusted(cacert)).toBe(true);
});
