import type { Design } from "./design.js";

/** Powers of t of the columns that depend on the size of a coalition alone. */
const powers = [3, 5, 7, 9, 13];

/**
 * Kinds of terms that are the same for all outputs and known before anything is evaluated. Each takes in those before
 * it.
 */
export const sizeTermKinds = ["units", "size", "unit x size^2"] as const;
/** One of {@link sizeTermKinds}. */
export type SizeTermKind = (typeof sizeTermKinds)[number];

/** Columns of a design that are no triples, in the order of {@link sizeTermKinds}. */
export interface SizeTerms {
  /** Columns in all. */
  readonly columns: number;
  /** How many columns there are up to the end of a kind. */
  readonly upTo: Readonly<Record<SizeTermKind, number>>;
  /** What the columns are: the sign x of a unit, or of none, times a power of t. */
  readonly factors: readonly { readonly unit: number | undefined; readonly power: number }[];
  /** `[pairs, columns]` */
  readonly rows: Float64Array;
}

/**
 * The columns x_i, a few odd powers of t, and x_i t^2. All are odd in x, as the targets are; even ones could explain
 * nothing. What a unit adds may depend on how many others are intact: powers of t take what all units have in common,
 * x_i t^2 what each has of its own.
 *
 * @param most the last kind to take
 */
export function sizeTerms({ units, pairs, x, t }: Design, most: SizeTermKind = "unit x size^2"): SizeTerms {
  const each = Array.from({ length: units }, (_, unit) => unit);
  const sizes = most === "units" ? [] : powers.filter((power) => power < units - 2);
  const factors = [
    ...each.map((unit) => ({ unit, power: 0 })),
    ...sizes.map((power) => ({ unit: undefined, power })),
    ...(most === "unit x size^2" ? each.map((unit) => ({ unit, power: 2 })) : []),
  ];
  const columns = factors.length;
  const rows = new Float64Array(pairs * columns);
  for (let s = 0; s < pairs; s++) {
    factors.forEach(({ unit, power }, column) => {
      rows[s * columns + column] = (unit === undefined ? 1 : x[s * units + unit]) * t[s] ** power;
    });
  }
  return { columns, factors, rows, upTo: { units, size: units + sizes.length, "unit x size^2": columns } };
}

/**
 * What a coefficient of each column adds to the Shapley values, but for what it adds to all units alike, which
 * efficiency settles: x_i gives -2 to i; a power of t gives all units the same; f(S) = x_i t^2 gives a to i and b to
 * every other unit, so a - b to i.
 *
 * @returns one factor for each column; of the column of unit i it goes to unit i
 */
export function shapleyFactors(units: number, { factors }: SizeTerms): Float64Array {
  let [own, other] = [0, 0];
  const square = (size: number) => ((units - 2 * size) / units) ** 2;
  for (let before = 0; before < units; before++) {
    own -= (square(before + 1) + square(before)) / units;
    if (units > 1) other += ((1 - (2 * before) / (units - 1)) * (square(before + 1) - square(before))) / units;
  }
  return Float64Array.from(factors, ({ unit, power }) => (unit === undefined ? 0 : power === 0 ? -2 : own - other));
}

/** Where the columns of a kind begin of which each unit has one. */
export function ownColumns(kind: SizeTermKind, { upTo }: SizeTerms, units: number): number[] {
  return kind === "unit x size^2" ? [0, upTo["unit x size^2"] - units] : [0];
}
