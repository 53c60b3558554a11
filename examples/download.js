// Downloads a file and says how far it is: node examples/download.js URL [DIRECTORY]
// Run it again after a Ctrl-C: it goes on where it stopped.
import { Client } from 'hydrant';

const [url, output = '.'] = process.argv.slice(2);

const observe = (event) => {
  if (event.event !== 'progress') return;
  const done = event.length === undefined ? `${event.bytes} bytes` : `${Math.floor((100 * event.bytes) / event.length)} %`;
  console.error(`${event.name}: ${done} at ${(event.rate / 1e6).toFixed(1)} MB/s over ${event.connections} connections`);
};

const client = new Client({ observe });
try {
  const { path, bytes, skipped } = await client.download(url, { output });
  console.log(skipped ? `${path} is here already` : `${path} has ${bytes} bytes`);
} finally {
  await client.close();
}
