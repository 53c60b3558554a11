import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

interface MenuProps {
  /** What its button is called. */
  readonly label: string;
  readonly icon?: IconName;
  /** MenuItem and MenuChoice. */
  readonly children: ReactNode;
}

/** A button that opens a list of actions; on a phone the list comes from below. */
export const Menu = ({ label, icon = 'more', children }: MenuProps) => {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const place = (): void => {
    const box = button.current?.getBoundingClientRect();
    const menu = list.current;
    if (box === undefined || menu === null || matchMedia('(max-width: 640px)').matches) return;
    const { offsetWidth, offsetHeight } = menu;
    const above = box.bottom + offsetHeight + 8 > innerHeight && box.top > offsetHeight + 8;
    menu.style.left = `${Math.max(8, Math.min(box.right - offsetWidth, innerWidth - offsetWidth - 8))}px`;
    menu.style.top = `${above ? box.top - offsetHeight - 4 : box.bottom + 4}px`;
  };
  return (
    <>
      <span className="menu-anchor">
        <IconButton ref={button} icon={icon} label={label} popoverTarget={id} aria-haspopup="menu" />
      </span>
      <div
        id={id}
        ref={list}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className="menu"
        onToggle={({ newState }) => {
          if (newState !== 'open') return;
          place();
          itemsIn(list.current)[0]?.focus();
        }}
        onKeyDown={walk}
        onClick={(event) => {
          if ((event.target as Element).closest('[role^=menuitem]') !== null) list.current?.hidePopover();
        }}
      >
        {children}
      </div>
    </>
  );
};

const itemsIn = (menu: HTMLElement | null): readonly HTMLElement[] =>
  menu === null ? [] : [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)')];

const walk = (event: KeyboardEvent<HTMLElement>): void => {
  const items = itemsIn(event.currentTarget);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Tab') event.currentTarget.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
};

interface MenuItemProps {
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
  readonly onClick: () => void;
}

/** One action. */
export const MenuItem = ({ icon, danger = false, disabled = false, children, onClick }: MenuItemProps) => (
  <button
    type="button"
    role="menuitem"
    tabIndex={-1}
    disabled={disabled}
    className={danger ? 'menu-item danger' : 'menu-item'}
    onClick={onClick}
  >
    {icon === undefined ? <span className="icon" /> : <Icon name={icon} />}
    {children}
  </button>
);

interface MenuChoiceProps<Value extends string> {
  readonly label: string;
  readonly options: readonly (readonly [Value, string])[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}

/** One of several. */
export const MenuChoice = <Value extends string>({ label, options, value, onChoose }: MenuChoiceProps<Value>) => (
  <fieldset className="menu-group">
    <legend>{label}</legend>
    {options.map(([option, words]) => (
      <button
        key={option}
        type="button"
        role="menuitemradio"
        tabIndex={-1}
        aria-checked={option === value}
        className="menu-item"
        onClick={() => onChoose(option)}
      >
        {option === value ? <Icon name="check" /> : <span className="icon" />}
        {words}
      </button>
    ))}
  </fieldset>
);
