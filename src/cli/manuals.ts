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
  serve: {
    usage: ['hydrant serve [OPTIONS]'],
    about:
      'Serves files under short links while it brings them, many requests at once, from sources that may be slow or fail, and keeps them in a cache. ' +
      'Tasks are made with hydrant task or over HTTP. Transfer options are what tasks begin with.',
    examples: [
      'hydrant serve',
      'hydrant serve --bind 0.0.0.0:9527 --tls-cert cert.pem --tls-key key.pem',
      'hydrant serve --bind unix:/run/hydrant.sock --public-url https://example.org/hydrant',
    ],
  },
  task: {
    usage: [
      'hydrant task ls',
      'hydrant task add [OPTIONS] URL…',
      'hydrant task edit [OPTIONS] ID [URL…]',
      'hydrant task show|rm|pause|resume|fill|export ID…',
      'hydrant task import FILE',
    ],
    about:
      'Talks to a running server (hydrant serve): lists, makes and changes its tasks. ID is the id of a task, as much of its beginning as no other ' +
      "shares, or its link. URLs given to add are one file each, unless --mirrors or --volumes says otherwise; export without ID is all tasks, and import reads that, Hydraria's tasks.json, a Metalink, aria2's input file or a curl command line; - is stdin.",
    examples: [
      'hydrant task add --name film --fill https://example.org/film.mkv',
      'hydrant task edit --limit 2M film-id',
      'hydrant task export > tasks.json',
    ],
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
  ['serve', 'serve files under short links while they come, and keep them in a cache'],
  ['task', "list, make and change a running server's tasks"],
  ['completion', 'print a completion script for bash, zsh or fish'],
];
