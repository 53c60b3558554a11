import { type ReactNode, useEffect, useId, useRef } from 'react';

import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { IconButton } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons at its foot, which stays in sight. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** Esc and the cross; a click beside it closes nothing, since something may have been written. */
  readonly onClose: () => void;
}

/** Something that is dealt with before the rest of the page; there as long as it is rendered. */
export const Dialog = ({ title, children, actions, wide = false, onClose }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const t = useText(shellText);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={t.close} onClick={onClose} />
      </header>
      <div className="dialog-body">{children}</div>
      {actions !== undefined && <footer className="dialog-foot">{actions}</footer>}
    </dialog>
  );
};
