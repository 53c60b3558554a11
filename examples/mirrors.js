// Downloads one file from several mirrors at once: node examples/mirrors.js sha256:HEX URL URL…
// The fastest give most of it. One that serves another file is left out, and the digest has the last word.
import { Client, HydrantError } from 'hydrant';

const [checksum, ...urls] = process.argv.slice(2);

const client = new Client();
try {
  const file = { volumes: [urls.map((url) => ({ url }))], checksum };
  const { path, verified, summary } = await client.download(file);
  console.log(`${path}, verified by ${verified}`);
  for (const source of summary?.sources ?? []) console.log(`${source.url} gave ${source.bytes} bytes`);
} catch (error) {
  if (!(error instanceof HydrantError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.exitCode;
} finally {
  await client.close();
}
