import { useCallback } from 'react';

import { type Draw, useDrawing } from './canvas.tsx';

interface SparklineProps {
  /** One per second, the oldest first; the newest is at the right. */
  readonly samples: readonly number[];
  /** What it shows, for who cannot see it. */
  readonly label: string;
  /** Name of the token of its colour: `--flow`. */
  readonly colour?: string;
  /** How many samples fill its width. */
  readonly span?: number;
}

/** A small curve, scaled to its own peak. Its size is that of its class or parent: 80 by 20 unless told otherwise. */
export const Sparkline = ({ samples, label, colour = '--flow', span = 60 }: SparklineProps) => {
  const draw = useCallback<Draw>(
    (context, width, height, colourOf) => {
      const peak = Math.max(1, ...samples);
      const step = width / (span - 1);
      const shown = samples.slice(-span);
      const at = (index: number): readonly [number, number] => [
        width - (shown.length - 1 - index) * step,
        height - 1 - ((shown[index] ?? 0) / peak) * (height - 2),
      ];
      context.strokeStyle = colourOf('--line');
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(0, height - 0.5);
      context.lineTo(width, height - 0.5);
      context.stroke();
      if (shown.length < 2 || !shown.some((value) => value > 0)) return;
      context.strokeStyle = context.fillStyle = colourOf(colour);
      context.lineWidth = 1.5;
      context.lineJoin = 'round';
      context.beginPath();
      for (let index = 0; index < shown.length; index++) context.lineTo(...at(index));
      context.stroke();
      context.globalAlpha = 0.14;
      context.lineTo(width, height);
      context.lineTo(at(0)[0], height);
      context.fill();
      context.globalAlpha = 1;
    },
    [samples, span, colour],
  );
  return <canvas ref={useDrawing(draw)} className="sparkline" role="img" aria-label={label} />;
};
