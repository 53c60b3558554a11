// Gives a download a second, then stops it: node examples/cancel.js URL [DIRECTORY]
// What came so far is kept: the same download goes on from there another time.
import { Client, HydrantError } from 'hydrant';

const [url, output = '.'] = process.argv.slice(2);

const client = new Client();
try {
  const { path } = await client.download(url, { output }, AbortSignal.timeout(1000));
  console.log(`${path} came in time`);
} catch (error) {
  if (!(error instanceof HydrantError) || error.code !== 'STOPPED') throw error;
  console.log('stopped; the rest can be fetched later');
} finally {
  await client.close();
}
