import type { ProbedSource } from '../client/probed-source.ts';
import { formatSize } from '../core/size.ts';
import { type Answer, disagree } from './answer.ts';
import type { OwnEvent } from './json-lines.ts';
import { printable } from './text.ts';

/** An answer as people read it. */
export const answerText = ({ file, result, error }: Answer): string => {
  if (result === undefined) return `${printable(file.volumes[0]?.[0]?.url ?? '')}\n${line('failed', error?.message ?? '')}\n`;
  const lines = [
    printable(result.name ?? file.volumes[0]?.[0]?.url ?? ''),
    line('length', lengthText(result.length)),
    line('ranges', rangesText(result.ranges)),
  ];
  const answered = result.sources.filter((source) => source.error === undefined).length;
  if (disagree(result)) lines.push(line('sources', 'DISAGREE: they serve different files'));
  const volumes = new Set(result.sources.map(({ volume }) => volume)).size;
  if (result.agree && answered > volumes) lines.push(line('sources', 'agree, as far as their lengths and samples tell'));
  for (const source of result.sources) {
    const heading = volumes > 1 ? `volume ${source.volume + 1}` : 'source';
    lines.push(line(heading, source.url), ...sourceLines(source, result.sources.length > 1));
  }
  return `${lines.join('\n')}\n`;
};

/** An answer as records, one per source. */
export const answerEvents = ({ file, result, error }: Answer, index: number): readonly OwnEvent[] => {
  if (result === undefined) {
    const url = file.volumes[0]?.[0]?.url ?? '';
    return [{ event: 'failed', file: index, url, code: error?.code ?? 'SOURCE_UNREACHABLE', message: error?.message ?? '' }];
  }
  return result.sources.map(({ error: fault, ...facts }) => ({
    ...facts,
    event: 'answer',
    file: index,
    name: facts.name ?? result.name,
    ...(fault !== undefined && { code: fault.code, message: fault.message }),
  }));
};

const sourceLines = (source: ProbedSource, several: boolean): readonly string[] => {
  if (source.error !== undefined) return [line('  failed', source.error.message)];
  const moved = source.finalUrl !== source.url ? source.finalUrl : undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['DIFFERS', source.differs],
    ['moved to', moved],
    ['length', several ? lengthText(source.length) : undefined],
    ['type', source.type],
    ['validator', source.etag],
    ['modified', source.lastModified],
    ['answered', `${source.status} in ${Math.round(source.ms ?? 0)} ms`],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [line(`  ${name}`, value)]));
};

const line = (name: string, value: string): string => `  ${name.padEnd(12)} ${printable(value)}`;

const rangesText = (ranges: boolean | undefined): string =>
  ranges === false ? 'no: one request only, no going on later' : ranges === true ? 'yes' : 'unknown';

const lengthText = (length: number | undefined): string => (length === undefined ? 'unknown' : `${formatSize(length)} (${length} bytes)`);
