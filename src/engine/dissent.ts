import { HydrantError } from '../core/errors.ts';
import type { Place } from './places.ts';
import { equal } from './sampler.ts';
import type { Source } from './source.ts';

type Heard = ReadonlyMap<Source, ReadonlyMap<Place, Uint8Array>>;

/** The most dissenters that agree with each other in length and wherever both were asked. */
export const largestGroup = (dissenting: readonly Source[], heard: Heard): readonly Source[] => {
  const groups: Source[][] = [];
  for (const source of dissenting) {
    const group = groups.find(([first]) => first !== undefined && agree(first, source, heard));
    if (group === undefined) groups.push([source]);
    else group.push(source);
  }
  return groups.reduce<Source[]>((best, group) => (group.length > best.length ? group : best), []);
};

const agree = (one: Source, other: Source, heard: Heard): boolean => {
  if (one.representation?.length !== other.representation?.length) return false;
  const theirs = heard.get(other);
  for (const [place, bytes] of heard.get(one) ?? []) {
    const same = theirs?.get(place);
    if (same !== undefined && !equal(bytes, same)) return false;
  }
  return true;
};

/** Sources that say the same, the most first. */
export const groupsOf = (said: ReadonlyMap<Source, Uint8Array>): readonly (readonly Source[])[] => {
  const groups: { readonly bytes: Uint8Array; readonly sources: Source[] }[] = [];
  for (const [source, bytes] of said) {
    const group = groups.find((one) => equal(one.bytes, bytes));
    if (group === undefined) groups.push({ bytes, sources: [source] });
    else group.sources.push(source);
  }
  return groups.map(({ sources }) => sources).sort((a, b) => b.length - a.length);
};

/** What people are told when nobody can say which of two sources is right. */
export const disagreement = (one: readonly Source[], other: readonly Source[], offset?: number): HydrantError => {
  const [here, there] = [one[0], other[0]];
  const [first, second] = [here?.representation?.length, there?.representation?.length];
  const where = offset === undefined ? '' : ` at offset ${offset}`;
  const how = first === second ? `other bytes${where} than` : `${second ?? 'unknown'} bytes, not ${first ?? 'unknown'} as`;
  const text = `the sources serve different files: ${there?.url ?? ''} has ${how} ${here?.url ?? ''}; give a --checksum or a third source to decide`;
  return new HydrantError('SOURCES_DISAGREE', text, there === undefined ? {} : { url: there.spec.url });
};
