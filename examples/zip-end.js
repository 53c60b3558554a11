// Counts the entries of a zip file far away by reading its end only: node examples/zip-end.js URL
import { Client } from 'hydrant';

const client = new Client();
try {
  const zip = await client.open(process.argv[2]);
  if (zip.length === undefined) throw new Error('the source does not say how long the file is');
  // The end record has 22 bytes and at most 64 KiB of comment behind it.
  const start = Math.max(0, zip.length - 22 - 65_535);
  const end = Buffer.from(await zip.read(start, zip.length - start));
  const record = end.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (record < 0) throw new Error('this is no zip file');
  console.log(`${zip.name} has ${end.readUInt16LE(record + 10)} entries`);
} finally {
  await client.close();
}
