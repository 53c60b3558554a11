import { it } from 'vitest';

import { killServers } from './serve-killing.ts';

it('kill -9 of a server that fills, is edited and evicts loses nothing acknowledged and leaves no wrong byte, five times', async () => {
  await killServers(5, Number(process.env.HYDRANT_SEED ?? Math.floor(Math.random() * 2 ** 31)));
});
