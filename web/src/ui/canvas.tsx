import { type RefObject, useEffect, useRef } from 'react';

import { theme } from '../choices/theme.ts';
import { useWatched } from '../data/watched.ts';

/** Draws on `context`, whose unit is a CSS pixel. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number, colour: (name: string) => string) => void;

/** A canvas that is drawn with `draw` whenever that is another function, its size or the theme changes, while it is in sight. */
export const useDrawing = (draw: Draw): RefObject<HTMLCanvasElement | null> => {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  const paint = useRef<() => void>(undefined);
  const look = useWatched(theme.watched);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (canvas === null || !context) return;
    let seen = false;
    let frame = 0;
    const now = (): void => {
      frame = 0;
      const { clientWidth: width, clientHeight: height } = canvas;
      const scale = devicePixelRatio;
      const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
      if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
      const style = getComputedStyle(canvas);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      latest.current(context, width, height, (name) => style.getPropertyValue(name));
    };
    const soon = (): void => {
      if (seen && frame === 0) frame = requestAnimationFrame(now);
    };
    paint.current = soon;
    const sight = new IntersectionObserver((entries) => {
      seen = entries.at(-1)?.isIntersecting === true;
      soon();
    });
    const size = new ResizeObserver(soon);
    const system = matchMedia('(prefers-color-scheme: dark)');
    sight.observe(canvas);
    size.observe(canvas);
    system.addEventListener('change', soon);
    return () => {
      cancelAnimationFrame(frame);
      sight.disconnect();
      size.disconnect();
      system.removeEventListener('change', soon);
    };
  }, []);
  useEffect(() => {
    latest.current = draw;
    paint.current?.();
  }, [draw, look]);
  return ref;
};
