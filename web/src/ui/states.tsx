/* What is shown in the place of content. */
import type { ReactNode } from 'react';

import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { Button } from './button.tsx';
import { wordsOf } from './toast.tsx';

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The next step. */
  readonly action?: ReactNode;
}

/** There is nothing, and what to do about it. */
export const Empty = ({ title, children, action }: EmptyProps) => (
  <div className="place">
    <h2>{title}</h2>
    {children !== undefined && <p>{children}</p>}
    {action}
  </div>
);

/** It is on its way; says so only after a moment. */
export const Loading = () => (
  <p className="place loading" role="status">
    {useText(shellText).loading}
  </p>
);

/** It could not be had, in the server's words. */
export const Failed = ({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) => {
  const t = useText(shellText);
  return (
    <div className="place" role="alert">
      <h2>{t.failed}</h2>
      <p>{wordsOf(error)}</p>
      <Button onClick={onRetry}>{t.again}</Button>
    </div>
  );
};
