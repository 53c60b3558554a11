import { useEffect, useRef } from 'react';

/** What keys do on a page: by `event.key`, with `Shift+` and `Ctrl+` (⌘ too) before it. One that answers false leaves the key to the browser. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

const writing = 'input:not([type=checkbox]), textarea, select, dialog, [role=menu], [contenteditable]';

/** Has `keys` do what they do while this is shown; never while somebody writes, nor in a dialog or menu. */
export const useKeys = (keys: Keys): void => {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      if ((event.target as Element).closest(writing) !== null || document.querySelector('dialog[open]') !== null) return;
      const act = latest.current[nameOf(event)];
      if (act !== undefined && act(event) !== false) event.preventDefault();
    };
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, []);
};

/** A question mark needs Shift on some keyboards and not on others: only letters say it. */
const nameOf = ({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string => {
  const isLetter = /^[a-z]$/i.test(key);
  const shift = shiftKey && (isLetter || key.length > 1) ? 'Shift+' : '';
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${shift}${isLetter ? key.toLowerCase() : key}`;
};
