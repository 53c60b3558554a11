/** The commands that an option can be given to. */
export type CommandName = 'get' | 'cat' | 'probe' | 'serve' | 'task';

/** Heading under which help lists an option. */
export type OptionGroup = 'files' | 'serving' | 'access' | 'tasks' | 'checks' | 'speed' | 'requests' | 'patience' | 'network' | 'messages';

/** What a value is: sizes are bytes, rates bytes per second, durations milliseconds, lists and headers arrays of text; a path may begin with `~/`. */
export type OptionKind =
  | 'flag'
  | 'text'
  | 'path'
  | 'count'
  | 'number'
  | 'size'
  | 'rate'
  | 'duration'
  | 'choice'
  | 'list'
  | 'header'
  | 'digest'
  | 'range';

/** One option. Bounds are inclusive and in the unit of the kind. */
export interface OptionRow {
  readonly kind: OptionKind;
  readonly default: boolean | number | string | readonly string[] | undefined;
  readonly group: OptionGroup;
  readonly on: readonly CommandName[];
  readonly help: string;
  /** What help calls the value. */
  readonly value?: string;
  readonly short?: string;
  /** Short name of `--no-NAME`. */
  readonly shortOff?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** The word that takes a value away again, where there may be none. */
  readonly unset?: string;
  /** The value of a flag given without one; such a flag takes another only as `--name=VALUE`. */
  readonly bare?: number;
  /** Refused until it exists. */
  readonly later?: true;
}

/** Rows by the option's name in code. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

type Given<Row extends OptionRow> = Row extends { kind: 'flag' }
  ? boolean
  : Row extends { kind: 'choice'; choices: readonly (infer Choice)[] }
    ? Choice
    : Row extends { kind: 'list' | 'header' }
      ? readonly string[]
      : Row extends { kind: 'text' | 'path' | 'digest' | 'range' }
        ? string
        : number;

/** The values that a table's options have once all are known. */
export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { default: undefined } ? Given<Table[Name]> | undefined : Given<Table[Name]>;
};
