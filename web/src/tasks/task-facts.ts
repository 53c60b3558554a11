import type { TaskInfo } from '../../../src/server/api-types.ts';

/** How many of a task's URLs can be used, of those given. */
export const sourceCounts = ({ url_health, config }: TaskInfo): { readonly working: number; readonly given: number } => {
  const given = new Set(config.volumes.flat()).size;
  return { working: given - url_health.filter(({ state }) => state === 'out').length, given };
};

/** The curve of what moves: to clients where somebody is served, else what is filled. */
export const taskFlow = ({
  cache_job,
  current_speed_bps,
  speed_samples,
  active_connections,
}: TaskInfo): {
  readonly rate: number;
  readonly samples: readonly number[];
  readonly isFill: boolean;
} => {
  const isFill = cache_job?.state === 'running' && active_connections === 0;
  return isFill
    ? { rate: cache_job.current_speed_bps, samples: cache_job.speed_samples, isFill }
    : { rate: current_speed_bps, samples: speed_samples, isFill };
};

const video = /\.(?:mp4|m4v|mkv|webm|mov|ogv|ts|m2ts|avi|flv|3gp)$/i;
const audio = /\.(?:mp3|m4a|m4b|aac|flac|ogg|oga|opus|wav|weba)$/i;

/** What can play the file of a task, by the names it has; undefined where nothing says that it is media. */
export const mediaKind = ({ config }: TaskInfo): 'video' | 'audio' | undefined => {
  const urls = config.volumes.flat().map((url) => url.replace(/[?#].*$/s, ''));
  const names = [config.output_filename, config.name, ...urls].filter((name) => name !== null);
  if (names.some((name) => audio.test(name))) return 'audio';
  return names.some((name) => video.test(name)) ? 'video' : undefined;
};
