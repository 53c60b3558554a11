import { language } from '../choices/language.ts';
import type { TaskLogEntry } from '../data/messages.ts';
import { useWatched } from '../data/watched.ts';
import { useText } from '../text/text.ts';
import { Badge } from '../ui/state.tsx';
import { taskText } from './task-text.ts';
import { hostOf } from './why.ts';

/** What happened to a task, the newest first, in the server's words. */
export const EventLog = ({ log }: { readonly log: readonly TaskLogEntry[] }) => {
  const t = useText(taskText);
  const tongue = useWatched(language.watched);
  if (log.length === 0) return <p className="muted">{t.noEvents}</p>;
  return (
    <ol className="log">
      {log.toReversed().map((entry, index) => (
        <li key={`${entry.time} ${log.length - index}`} className={entry.level}>
          <time dateTime={entry.time} title={new Date(entry.time).toLocaleString(tongue)}>
            {new Date(entry.time).toLocaleTimeString(tongue, { hour12: false })}
          </time>
          <Badge tone={entry.level === 'error' ? 'broken' : entry.level === 'warn' ? 'slow' : 'waiting'}>{t.levels[entry.level]}</Badge>
          <span className="log-words">
            {entry.message}
            {entry.url !== undefined && (
              <span className="muted" title={entry.url}>
                {' '}
                {hostOf(entry.url)}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
};
