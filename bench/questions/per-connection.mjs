import { shaped } from '../shaped.mjs';

export const question = shaped({
  title: 'Is an origin that limits each connection used in full?',
  size: 160,
  rates: [{ total: 20, connection: 2 }],
  connections: 16,
  bar: 1.1,
});
