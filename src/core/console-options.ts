import type { OptionTable } from './option-row.ts';

const every = ['get', 'cat', 'probe'] as const;
const served = ['get', 'cat', 'probe', 'serve'] as const;

/** What is said while it happens, and where. */
export const consoleOptions = {
  quiet: {
    kind: 'flag',
    default: false,
    short: 'q',
    group: 'messages',
    on: served,
    help: 'say nothing but errors',
  },
  progress: {
    kind: 'flag',
    default: true,
    group: 'messages',
    on: every,
    help: 'show progress: bars on a terminal, a line every 10 s elsewhere',
  },
  verbose: {
    kind: 'flag',
    default: false,
    short: 'v',
    group: 'messages',
    on: every,
    help: 'say more: retries, sources left out, and at the end how near to the possible it came',
  },
  json: {
    kind: 'count',
    default: undefined,
    value: 'FD',
    min: 1,
    bare: 2,
    group: 'messages',
    on: [...every, 'task'],
    help: 'JSON Lines instead of text, on stderr or the descriptor FD; for probe and task: the answer as JSON on stdout',
  },
  logFile: {
    kind: 'path',
    default: undefined,
    value: 'FILE',
    group: 'messages',
    on: every,
    help: 'append the same JSON Lines to FILE',
  },
  debug: {
    kind: 'flag',
    default: false,
    group: 'messages',
    on: every,
    help: 'tell of every request, and show stacks',
  },
  config: {
    kind: 'path',
    default: undefined,
    value: 'FILE',
    group: 'messages',
    on: [...served, 'task'],
    help: 'read this configuration instead of $XDG_CONFIG_HOME/hydrant/config.toml',
  },
} as const satisfies OptionTable;
