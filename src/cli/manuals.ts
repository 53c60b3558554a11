import type { CommandName } from '../core/option-row.ts';
import type { Manual } from './help.ts';

/** What help says of each command. */
export const manuals: Readonly<Record<CommandName | 'completion', Manual>> = {
  get: {
    usage: ['hydrant get [OPTIONS] URL…', 'hydrant get -m [OPTIONS] URL MIRROR…', 'hydrant get --volumes [OPTIONS] URL URL…'],
    about:
      'Downloads files to disk, in many requests at once, and goes on where an earlier run was stopped. Several URLs are several files, ' +
      'unless --mirrors or --volumes says otherwise.',
    examples: [
      'hydrant get https://example.org/disk.iso',
      'hydrant get -o data/ --checksum sha256:9f86d0… https://example.org/genome.fna.gz',
      'hydrant get -m https://a.example.org/disk.iso https://b.example.org/disk.iso',
      'hydrant get -i urls.txt -o data/ --limit 10M',
    ],
  },
  cat: {
    usage: ['hydrant cat [OPTIONS] URL…'],
    about: 'Writes the bytes of files to stdout, in order; several are written one after another. Nothing touches the disk.',
    examples: ['hydrant cat https://example.org/genome.fna.gz | zcat | wc -l', 'hydrant cat -r 0-1023 https://example.org/disk.iso | xxd'],
  },
  probe: {
    usage: ['hydrant probe [OPTIONS] URL…'],
    about: 'Says what sources say of their files: length, ranges, type, name, validator.',
    examples: ['hydrant probe https://example.org/disk.iso', 'hydrant probe --json https://example.org/disk.iso | jq .length'],
  },
  completion: {
    usage: ['hydrant completion bash|zsh|fish'],
    about: 'Prints a script that completes commands and options in a shell.',
    examples: [
      'source <(hydrant completion bash)',
      'hydrant completion zsh > ~/.zfunc/_hydrant',
      'hydrant completion fish > ~/.config/fish/completions/hydrant.fish',
    ],
  },
};

/** Commands with a line for each, in the order of help. */
export const commandLines: readonly (readonly [string, string])[] = [
  ['get', 'download files to disk'],
  ['cat', 'write the bytes of files to stdout, in order'],
  ['probe', 'say what the sources say'],
  ['completion', 'print a completion script for bash, zsh or fish'],
];

/** Commands that are promised and not there yet. */
export const laterCommands: readonly string[] = ['serve', 'task'];
