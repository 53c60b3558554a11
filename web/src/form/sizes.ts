const letters = ['K', 'M', 'G', 'T', 'P'];

/** `bytes` as somebody would type them, `2.5M`, where that says them exactly; all their digits otherwise. 0 is empty: nothing is asked for. */
export const exactSize = (bytes: number): string => {
  if (bytes === 0) return '';
  for (let power = letters.length; power > 0; power--) {
    const amount = (bytes / 1024 ** power).toFixed(2).replace(/\.?0+$/, '');
    if (Number(amount) >= 1 && Math.round(Number(amount) * 1024 ** power) === bytes) return amount + letters[power - 1];
  }
  return String(bytes);
};
