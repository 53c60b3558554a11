import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Filter } from '../core/ports.ts';
import { ChaCha20 } from './chacha20.ts';
import { bufferSize, chacha20Id, neededSecret } from './chacha20-config.ts';
import { chacha20Descriptor } from './chacha20-descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { type ForwardPlace, type ForwardProgress, type ForwardResult, forward } from './forward.ts';
import type { ForwardRequest } from './forward-params.ts';
import { pipeline } from './pipeline.ts';

/** A filter that a task uses, as the wire says it. */
export interface FilterUse {
  readonly id: string;
  readonly enabled: boolean;
  readonly config: unknown;
}

interface Kind {
  readonly descriptor: Descriptor;
  readonly checkGlobal: (config: unknown) => void;
  readonly make: (config: unknown) => Filter;
  readonly forward: typeof forward;
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  [chacha20Id, { descriptor: chacha20Descriptor, checkGlobal: bufferSize, make: (config) => new ChaCha20(neededSecret(config)), forward }],
]);

const kindOf = (id: string): Kind => {
  const kind = kinds.get(id);
  if (kind !== undefined) return kind;
  throw new HydrantError('OPTION_INVALID', `unknown plugin ${JSON.stringify(id)}${didYouMean(id, kinds.keys())}`);
};

/** Every filter there is, each with its global configuration as `globals` holds it, else the usual one. */
export const describeFilters = (globals: Readonly<Record<string, unknown>>): readonly (Descriptor & { readonly global: unknown })[] =>
  [...kinds.values()].map(({ descriptor }) => ({ ...descriptor, global: globals[descriptor.id] ?? descriptor.default_global }));

/** What the filter `id` says of itself. Throws OPTION_INVALID. */
export const describeFilter = (id: string): Descriptor => kindOf(id).descriptor;

/** Throws OPTION_INVALID unless `config` can be the global configuration of the filter `id`. */
export const checkFilterGlobal = (id: string, config: unknown): void => kindOf(id).checkGlobal(config);

/** Throws OPTION_INVALID unless every filter that is enabled in `uses` can be made; what is disabled is not looked at. */
export const checkFilters = (uses: readonly FilterUse[]): void => {
  filtersOf(uses);
};

/** The enabled filters of `uses` as one, fresh: each reader needs its own. Undefined where none is enabled. Throws OPTION_INVALID. */
export const buildFilters = (uses: readonly FilterUse[]): Filter | undefined => pipeline(filtersOf(uses));

/** Runs the tool of the filter `id` on files of the server's, as `forward` does. Throws OPTION_INVALID at once where there is none. */
export const forwardBy = (
  id: string,
  request: ForwardRequest,
  place: ForwardPlace,
  signal?: AbortSignal,
): AsyncGenerator<ForwardProgress | ForwardResult, void> => kindOf(id).forward(request, place, signal);

const filtersOf = (uses: readonly FilterUse[]): readonly Filter[] =>
  uses.filter((use) => use.enabled).map((use) => kindOf(use.id).make(use.config));
