import { rowsOf } from '../core/options.ts';
import { type TransferOptions, transferOptions } from '../core/transfer-options.ts';

/** Those of `options` that a client takes. */
export const settingsOf = (options: TransferOptions): TransferOptions =>
  Object.fromEntries(rowsOf(transferOptions).map(([name]) => [name, options[name]])) as TransferOptions;
