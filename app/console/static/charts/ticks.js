// Round values for an axis.

/**
 * From 0 to at least the highest, three to six of them.
 * @param {number} highest
 */
export function ticks(highest) {
  if (highest <= 0) return [0, 1];
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, n) => n * step);
}
