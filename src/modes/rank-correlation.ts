/**
 * Pearson's correlation of two lists of the same length, the same bits the other way round; NaN for fewer than two
 * numbers, or where one list does not vary.
 */
export function linearCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [a, b] = [deviations(x), deviations(y)];
  const product = (one: Float64Array, other: Float64Array) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  return Math.max(-1, Math.min(1, product(a, b) / Math.sqrt(product(a, a) * product(b, b))));
}

/**
 * Each number less the mean of all, in units of the largest of these; all 0 where they are equal, whatever the rounding
 * of their mean.
 */
function deviations(values: ArrayLike<number>): Float64Array {
  const list = Float64Array.from(values);
  if (list.every((value) => value === list[0])) return list.fill(0);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const apart = list.map((value) => value - mean);
  const largest = apart.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return apart.map((value) => value / largest);
}

/**
 * Spearman's rank correlation, Pearson's of the ranks; equal numbers share the mean of their ranks. NaN as in
 * {@link linearCorrelation}.
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return linearCorrelation(ranks(x), ranks(y));
}

/**
 * Kendall's tau-b: concordant less discordant pairs, corrected for ties; in n log n steps (Knight, J. Am. Stat. Assoc.
 * 1966). NaN as in {@link linearCorrelation}.
 */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const { length } = x;
  if (length < 2) return Number.NaN;
  const order = Array.from({ length }, (_, i) => i).sort((i, j) => x[i] - x[j] || y[i] - y[j]);
  const tiedX = tiedPairs(order, (i, j) => x[i] === x[j]);
  const tiedBoth = tiedPairs(order, (i, j) => x[i] === x[j] && y[i] === y[j]);
  const sorted = order.map((i) => y[i]);
  const swaps = sortCounting(sorted);
  const tiedY = tiedPairs(sorted, (a, b) => a === b);
  const pairs = (length * (length - 1)) / 2;
  const concordance = pairs - tiedX - tiedY + tiedBoth - 2 * swaps;
  const tau = concordance / Math.sqrt((pairs - tiedX) * (pairs - tiedY));
  return Math.max(-1, Math.min(1, tau));
}

/** Ranks from 1 on; equal numbers share the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const ranked = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let at = from; at < to; at++) ranked[order[at]] = (from + to + 1) / 2;
    from = to;
  }
  return ranked;
}

/** Pairs within runs of equal neighbours. */
function tiedPairs(sorted: readonly number[], equal: (a: number, b: number) => boolean): number {
  let pairs = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && equal(sorted[from], sorted[to])) to++;
    pairs += ((to - from) * (to - from - 1)) / 2;
    from = to;
  }
  return pairs;
}

/** Sorts by merging, and counts the pairs that stood in the wrong order. */
function sortCounting(values: number[]): number {
  let swaps = 0;
  let from = values;
  let to = values.slice();
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        if (right < end && (left >= middle || from[right] < from[left])) {
          swaps += middle - left;
          to[at] = from[right++];
        } else to[at] = from[left++];
      }
    }
    [from, to] = [to, from];
  }
  if (from !== values) values.splice(0, values.length, ...from);
  return swaps;
}
