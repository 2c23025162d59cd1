/** Between which ranks a unit lies, 1 being the largest. */
export interface RankRange {
  readonly best: number;
  readonly worst: number;
}

/**
 * The ranks that each of some numbers may have, given intervals that hold all of them: those of numbers whose intervals lie wholly above come before it,
 * those wholly below after it. An unknown half-width (NaN) leaves all ranks open, for it and for the others.
 *
 * @param halfWidths of the intervals about the values
 */
export function rankRanges(values: readonly number[], halfWidths: readonly number[]): RankRange[] {
  return values.map((value, i) => {
    let above = 0;
    let below = 0;
    values.forEach((other, j) => {
      if (other - halfWidths[j] > value + halfWidths[i]) above++;
      if (other + halfWidths[j] < value - halfWidths[i]) below++;
    });
    return { best: 1 + above, worst: values.length - below };
  });
}

/** `3`, or `2–5`. */
export function rankText({ best, worst }: RankRange): string {
  return best === worst ? String(best) : `${best}–${worst}`;
}
