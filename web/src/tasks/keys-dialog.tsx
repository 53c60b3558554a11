import { useText } from '../text/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { asksNothing } from './asked.ts';
import { tasksText } from './tasks-text.ts';

/** Every key and what it does. */
export const KeysDialog = () => {
  const t = useText(tasksText);
  const keys: readonly (readonly [readonly string[], string])[] = [
    [['/'], t.keys.search],
    [['n'], t.keys.create],
    [['j', 'k'], t.move],
    [['Shift j', 'Shift k'], t.extend],
    [['x'], t.pick],
    [['Enter'], t.keys.open],
    [['p'], t.keys.pause],
    [['Delete'], t.keys.remove],
    [['Ctrl a'], t.keys.all],
    [['Esc'], t.keys.none],
    [['?'], t.keys.help],
  ];
  return (
    <Dialog title={t.keysTitle} onClose={asksNothing}>
      <dl className="keys">
        {keys.map(([names, words]) => (
          <div key={words}>
            <dt>
              {names.map((name) => (
                <kbd key={name} className="key">
                  {name}
                </kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
};
