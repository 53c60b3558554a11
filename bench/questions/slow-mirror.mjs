import { shaped } from '../shaped.mjs';

export const question = shaped({
  title: 'Does a very slow mirror hurt?',
  size: 128,
  rates: [{ total: 8 }, { total: 8 }, { total: 0.05 }],
  bar: 1.08,
});
