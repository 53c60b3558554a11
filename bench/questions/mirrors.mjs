import { shaped } from '../shaped.mjs';

export const question = shaped({
  title: 'Are three unequal mirrors as fast as their sum?',
  size: 130,
  rates: [{ total: 8 }, { total: 4 }, { total: 1 }],
  bar: 1.08,
});
