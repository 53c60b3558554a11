/** What a form asks for, in the names of the wire. `kind` says how it is shown; `hint` what stands below it. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly kind: 'text' | 'text_area' | 'hex' | 'path' | 'dir_path' | 'number' | 'size' | 'boolean' | 'select';
  readonly hint?: string;
  readonly required: boolean;
  /** How many random bytes a button beside the field makes. */
  readonly generate_random_bytes?: number;
  readonly default_filename?: string;
  readonly path_mode?: 'open' | 'save';
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** A filter as clients see it: what it is called, and the forms of its configurations. */
export interface Descriptor {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly global_fields: readonly Field[];
  readonly task_fields: readonly Field[];
  readonly forward_fields: readonly Field[];
  readonly has_forward: boolean;
  readonly default_global: Readonly<Record<string, unknown>>;
  readonly default_task: Readonly<Record<string, unknown>>;
}
