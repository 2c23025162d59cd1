import { averageLinkage, type Linkage } from "../../analysis/linkage.js";
import { invalid } from "../../errors.js";
import { distinctNames, finiteFromZero, sameLength } from "./checks.js";

/** Numbers for every two units, as `Interactions.matrix()` and `causalInfluences` give them. */
export interface PairNumbers {
  readonly units: readonly string[];
  /** `[units][units]`; NaN where not known. What is on the diagonal is not drawn. */
  readonly values: readonly (readonly number[])[];
  /** `[units][units]`; default not known. */
  readonly standardErrors?: readonly (readonly number[])[] | undefined;
  /** Numbers up to this size are rounding, and drawn as 0; default none. */
  readonly rounding?: number | undefined;
}

/** Most units whose pairs are drawn. */
const mostUnits = 250;

/** The same numbers, with 0 for what is rounding; and whether nothing else is known. */
export function withoutRounding<Pairs extends PairNumbers>(pairs: Pairs): { pairs: Pairs; nothing: boolean } {
  const rounding = finiteFromZero("rounding", pairs.rounding ?? 0);
  const values = pairs.values.map((row, i) =>
    row.map((value, j) => (i !== j && Math.abs(value) <= rounding ? 0 : value)),
  );
  const nothing = values.every((row, i) => row.every((value, j) => i === j || value === 0 || Number.isNaN(value)));
  return { pairs: { ...pairs, values }, nothing };
}

/**
 * Checks numbers for every two units, and returns those beside the diagonal. @throws RangeError for numbers that are
 * not, or of another shape
 */
export function checkedPairs({ units, values, standardErrors }: PairNumbers): number[] {
  distinctNames("units", units, "the names of the units");
  const { length } = units;
  if (length < 2 || length > mostUnits) throw invalid("units", `2 to ${mostUnits}`, length);
  sameLength("values", values, length, "one row per unit");
  if (standardErrors) sameLength("standardErrors", standardErrors, length, "one row per unit");
  const others: number[] = [];
  values.forEach((row, i) => {
    sameLength(`values[${i}]`, row, length, "one column per unit");
    if (standardErrors) sameLength(`standardErrors[${i}]`, standardErrors[i], length, "one column per unit");
    row.forEach((value, j) => {
      if (i === j) return;
      if (typeof value !== "number" || Math.abs(value) === Number.POSITIVE_INFINITY) {
        throw invalid(`values[${i}][${j}]`, "a finite number, or NaN where not known", value);
      }
      if (!Number.isNaN(value)) others.push(value);
    });
  });
  if (others.length === 0) throw invalid("values", "at least one pair that is known", "none");
  return others;
}

/** The tree of units by how strongly they interact: 1 - |interaction| / the largest, in the mean of both ways. */
export function pairTree({ units, values }: PairNumbers, largest: number): Linkage {
  const strength = (i: number, j: number) => {
    const known = [values[i][j], values[j][i]].filter((value) => !Number.isNaN(value)).map(Math.abs);
    return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return averageLinkage(units.length, (i, j) => (largest > 0 ? Math.max(0, 1 - strength(i, j) / largest) : 1));
}
