import { type PointerEvent, useCallback, useState } from 'react';

import { bytesFigure, percentFigure, textOfFigure } from '../text/numbers.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { type Draw, useDrawing } from './canvas.tsx';

interface HeatStripProps {
  /** Percent of each bucket that is here. */
  readonly buckets: readonly number[];
  /** Bytes of the whole. */
  readonly total: number;
  /** Where readers are, in bytes: drawn as ticks. */
  readonly heads?: readonly number[];
  /** Number of the source (0…7) that brought most of each bucket, where that is to be shown. */
  readonly owners?: readonly (number | undefined)[];
  /** Whether more is coming. */
  readonly flowing?: boolean;
}

/** What of a file is here, from its first byte to its last; under the pointer: which range, and how much of it. */
export const HeatStrip = ({ buckets, total, heads = none, owners, flowing = false }: HeatStripProps) => {
  const t = useText(shellText);
  const [under, setUnder] = useState<number>();
  const draw = useCallback<Draw>(
    (context, width, height, colour) => {
      const share = width / Math.max(1, buckets.length);
      context.fillStyle = colour('--sunk');
      context.fillRect(0, 0, width, height);
      buckets.forEach((percent, index) => {
        if (percent <= 0) return;
        const owner = owners?.[index];
        context.fillStyle = colour(owner === undefined ? (flowing ? '--flow' : '--done') : `--source-${(owner % 8) + 1}`);
        context.globalAlpha = 0.25 + (0.75 * percent) / 100;
        // Half a pixel over its neighbour leaves no seam.
        context.fillRect(index * share, 0, share + 0.5, height);
      });
      context.globalAlpha = 1;
      context.fillStyle = colour('--ink');
      for (const head of heads) context.fillRect(Math.min(width - 2, (head / Math.max(1, total)) * width), 0, 2, height);
      if (under === undefined) return;
      context.strokeStyle = colour('--ink');
      context.strokeRect(under * share + 0.5, 0.5, Math.max(2, share - 1), height - 1);
    },
    [buckets, total, heads, owners, flowing, under],
  );
  const follow = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const at = Math.floor(((clientX - left) / width) * buckets.length);
    setUnder(at >= 0 && at < buckets.length ? at : undefined);
  };
  const sum = buckets.reduce((all, percent) => all + percent, 0);
  const size = total / Math.max(1, buckets.length);
  const bytes = (value: number): string => textOfFigure(bytesFigure(value));
  return (
    <div className="heat" onPointerMove={follow} onPointerLeave={() => setUnder(undefined)}>
      <canvas ref={useDrawing(draw)} role="img" aria-label={t.share(textOfFigure(percentFigure(sum, buckets.length * 100)))} />
      {under !== undefined && (
        <output className="heat-hint" style={{ left: `${((under + 0.5) / buckets.length) * 100}%` }}>
          {`${bytes(under * size)} – ${bytes((under + 1) * size)} · ${Math.floor(buckets[under] ?? 0)} %`}
        </output>
      )}
    </div>
  );
};

const none: readonly number[] = [];
