/** Between which ranks a unit lies, 1 being the largest. */
export interface RankRange {
  readonly best: number;
  readonly worst: number;
}

/** Share of the largest value by which sums of many differ in doubles. */
const rounding = 2 ** -40;

/**
 * The ranks that each of some numbers may have, given intervals that hold all of them: those of numbers whose intervals
 * lie wholly above come before it, those wholly below after it. An unknown half-width (NaN) leaves all ranks open, for
 * it and for the others. Numbers that differ by rounding alone are equal.
 *
 * @param halfWidths of the intervals about the values
 */
export function rankRanges(values: readonly number[], halfWidths: readonly number[]): RankRange[] {
  const lost = rounding * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value, i) => {
    let above = 0;
    let below = 0;
    values.forEach((other, j) => {
      const widths = halfWidths[j] + halfWidths[i] + lost;
      if (other - value > widths) above++;
      if (value - other > widths) below++;
    });
    return { best: 1 + above, worst: values.length - below };
  });
}

/** `3`, or `2–5`. */
export function rankText({ best, worst }: RankRange): string {
  return best === worst ? String(best) : `${best}–${worst}`;
}
