import { cpus, loadavg, totalmem, type } from 'node:os';

/** One line that says what the numbers were measured on. */
export const machine = () => {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${type()}, ${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
};

/** A warning where other work would be measured too. */
export const busy = () => {
  const [load = 0] = loadavg();
  return load < cpus().length / 2
    ? undefined
    : `the machine was busy with other work (load ${load.toFixed(1)}): expect worse numbers than on a quiet one`;
};
