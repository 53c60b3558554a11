import { useRemembered } from '../choices/remembered.ts';
import { StateFilter } from '../shell/state-filter.tsx';
import { useText } from '../text/text.ts';
import { IconButton } from '../ui/button.tsx';
import { ask } from './asked.ts';
import { sort, view } from './list-choices.ts';
import { tasksText } from './tasks-text.ts';

/** Above the list: which tasks, in which order, how they look. */
export const ListTools = () => {
  const t = useText(tasksText);
  const [look, chooseLook] = useRemembered(view);
  const [order, chooseOrder] = useRemembered(sort);
  return (
    <div className="list-tools">
      <StateFilter />
      <label className="sort">
        <span className="muted">{t.sort}</span>
        <select value={order} onChange={({ target }) => chooseOrder(sort.options.find((one) => one === target.value) ?? 'edited')}>
          {sort.options.map((one) => (
            <option key={one} value={one}>
              {t.sorts[one]}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="views">
        <legend className="unseen">{t.view}</legend>
        {view.options.map((one) => (
          <IconButton
            key={one}
            icon={one === 'cards' ? 'grid' : 'list'}
            label={t.views[one]}
            aria-pressed={one === look}
            onClick={() => chooseLook(one)}
          />
        ))}
      </fieldset>
      <button
        type="button"
        className="button plain keys-button"
        aria-label={t.keysTitle}
        title={t.keysTitle}
        onClick={() => ask({ what: 'keys' })}
      >
        ?
      </button>
    </div>
  );
};
