import { useCounts } from '../data/queries.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { useTaskFilter } from './task-filter.ts';

const states = [undefined, 'active', 'filling', 'paused', 'trouble'] as const;

/** How many tasks are in each state; a press leaves those in sight. */
export const StateFilter = () => {
  const t = useText(shellText);
  const [{ q, state }, change] = useTaskFilter();
  const { data: counts } = useCounts(q);
  return (
    <fieldset className="state-filter">
      <legend className="unseen">{t.states}</legend>
      {states.map((one) => (
        <button
          key={one ?? 'all'}
          type="button"
          className="chip"
          data-state={one}
          aria-pressed={one === state}
          onClick={() => change({ state: one })}
        >
          {t[one ?? 'all']} <span className="number">{counts?.[one ?? 'all'] ?? '–'}</span>
        </button>
      ))}
    </fieldset>
  );
};
