import type { ReactNode } from 'react';

/** What something is doing, in the colours of the page: `flowing` accent, `done` green, `waiting` neutral, `slow` amber, `broken` red. */
export type Tone = 'flowing' | 'done' | 'waiting' | 'slow' | 'broken';

/** A dot whose shape differs by state too; the words beside it, or `label`, say what it means. */
export const StateDot = ({ tone, label }: { readonly tone: Tone; readonly label?: string }) => (
  <span className={`dot ${tone}`} title={label}>
    {label !== undefined && <span className="unseen">{label}</span>}
  </span>
);

/** A word in a small frame. */
export const Badge = ({ tone = 'waiting', children }: { readonly tone?: Tone; readonly children: ReactNode }) => (
  <span className={`badge ${tone}`}>{children}</span>
);
