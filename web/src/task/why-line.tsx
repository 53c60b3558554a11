import { rateFigure, textOfFigure } from '../text/numbers.ts';
import { useText } from '../text/text.ts';
import { StateDot, type Tone } from '../ui/state.tsx';
import { taskText } from './task-text.ts';
import type { Reason } from './why.ts';

const tones: Readonly<Record<Reason['why'], Tone>> = {
  paused: 'waiting',
  idle: 'waiting',
  waiting: 'waiting',
  here: 'done',
  readers: 'flowing',
  slowest: 'flowing',
  limit: 'slow',
  globalLimit: 'slow',
  throttled: 'slow',
  someOut: 'slow',
  fillFailed: 'broken',
  allOut: 'broken',
};

/** One sentence that says why the task is as fast as it is. */
export const WhyLine = ({ reason }: { readonly reason: Reason }) => {
  const t = useText(taskText);
  return (
    <p className="why">
      <StateDot tone={tones[reason.why]} />
      <span className="unseen">{t.why}: </span>
      {wordsOf(reason, t.reasons)}
    </p>
  );
};

const rateText = (rate: number): string => textOfFigure(rateFigure(rate));

const wordsOf = (reason: Reason, t: (typeof taskText)['en']['reasons']): string => {
  switch (reason.why) {
    case 'fillFailed':
    case 'allOut':
      return t[reason.why](reason.error);
    case 'limit':
    case 'globalLimit':
      return t[reason.why](rateText(reason.rate));
    case 'throttled':
      return t.throttled(reason.host, reason.connections);
    case 'someOut':
      return t.someOut(reason.out, reason.all, reason.host);
    case 'slowest':
      return t.slowest(reason.host, rateText(reason.rate), reason.connections);
    default:
      return t[reason.why];
  }
};
