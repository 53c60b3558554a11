import { cpus, totalmem, type } from 'node:os';

/** One line that says what the numbers were measured on. */
export const machine = () => {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${type()}, ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
};
