import { bytesFigure, durationFigure, type Figure, percentFigure, rateFigure } from '../text/numbers.ts';

/** A figure in digits of one width, its unit small. The room it takes does not change. */
const Shown = ({ figure, unit, className }: Figure & { readonly className: string }) => (
  <span className={`number ${className}`}>
    <span className="figure">{figure}</span>
    {unit !== '' && <span className="unit">{unit === '%' ? '%' : ` ${unit}`}</span>}
  </span>
);

export const Bytes = ({ value }: { readonly value: number }) => <Shown {...bytesFigure(value)} className="bytes" />;

export const Rate = ({ value }: { readonly value: number }) => <Shown {...rateFigure(value)} className="rate" />;

export const Percent = ({ part, whole }: { readonly part: number; readonly whole: number }) => (
  <Shown {...percentFigure(part, whole)} className="percent" />
);

export const Duration = ({ seconds }: { readonly seconds: number }) => <Shown {...durationFigure(seconds)} className="duration" />;
