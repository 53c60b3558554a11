import { chacha20Id } from './chacha20-config.ts';
import type { Descriptor } from './descriptor.ts';

/** The forms of ChaCha20. */
export const chacha20Descriptor: Descriptor = {
  id: chacha20Id,
  name: 'ChaCha20',
  description:
    'Decrypts files that were encrypted with plain ChaCha20 (RFC 8439, no authentication) while they are streamed; its tool encrypts and splits files on the server.',
  global_fields: [
    { key: 'buffer_size', label: 'Buffer size', kind: 'size', hint: '4K to 64M: how much the tool reads at once', required: false },
  ],
  task_fields: [
    {
      key: 'secret',
      label: 'Secret',
      kind: 'hex',
      hint: 'Key and nonce, 44 bytes as 88 hexadecimal digits',
      required: true,
      generate_random_bytes: 44,
    },
  ],
  forward_fields: [
    {
      key: 'input_path',
      label: 'Input file',
      kind: 'path',
      hint: 'Below the files directory of the server',
      required: true,
      path_mode: 'open',
    },
    { key: 'output_dir', label: 'Output directory', kind: 'dir_path', hint: 'Made where it is not there', required: true },
    { key: 'filename_prefix', label: 'Name', kind: 'text', hint: "The input's name without its extension", required: false },
    {
      key: 'volume_suffix',
      label: 'Suffix',
      kind: 'text',
      hint: '{N} is the number of the volume; .part{N}.enc, or .part{N} without encryption',
      required: false,
    },
    { key: 'max_volume_size', label: 'Volume size', kind: 'size', hint: 'At most; empty or 0 for a single file', required: false },
    {
      key: 'split_mode',
      label: 'Volume sizes',
      kind: 'select',
      required: false,
      options: [
        { value: 'random', label: 'Random' },
        { value: 'fixed', label: 'Equal' },
      ],
    },
    { key: 'encrypt', label: 'Encrypt', kind: 'boolean', hint: 'Off: only split', required: false },
    { key: 'generate_missing', label: 'Make a secret where none is given', kind: 'boolean', required: false },
  ],
  has_forward: true,
  default_global: { buffer_size: '64K' },
  default_task: { secret: '' },
};
