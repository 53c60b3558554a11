import type { Source, SourceSpec } from '../engine/source.ts';
import type { Sources } from '../engine/sources.ts';
import type { FileSpec } from './file-spec.ts';

/** Whether `source` has no part in what came but may have other bytes: it was outvoted, or nobody got to ask it. */
const isSpare = (source: Source): boolean => {
  if (source.brought.size > 0 || source.standing === 'admitted') return false;
  return source.status === 'out' ? source.error?.code === 'SOURCES_DISAGREE' : source.failures === 0;
};

/** Sources that brought bytes which turned out to be wrong, as far as there are others for their place. */
export const suspectsOf = (sources: Sources): readonly Source[] =>
  sources.all.filter((source) => source.brought.size > 0 && sources.of(source.volume).some(isSpare));

/** `spec` without the sources of what came, in every volume that has others; undefined where none has. */
export const spareOf = (spec: FileSpec, sources: Sources): FileSpec | undefined => {
  if (!sources.all.some(isSpare)) return undefined;
  const volumes = spec.volumes.map((mirrors, volume): readonly SourceSpec[] => {
    const spare = sources.of(volume).filter(isSpare);
    return spare.length > 0 ? spare.map((source) => source.spec) : mirrors;
  });
  return { ...spec, volumes };
};
