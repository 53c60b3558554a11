// Decompresses files on their way, without a byte on disk: node examples/gunzip.js URL… > text
import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import { Client } from 'hydrant';

const client = new Client();
const gunzip = createGunzip();
const written = once(gunzip, 'end');
gunzip.pipe(process.stdout);
try {
  // One file after another, as `cat` does: a gzip file may consist of several.
  for await (const file of client.stream(process.argv.slice(2))) {
    for await (const bytes of file.bytes) {
      if (!gunzip.write(bytes)) await once(gunzip, 'drain');
    }
  }
  gunzip.end();
  await written;
} finally {
  await client.close();
}
