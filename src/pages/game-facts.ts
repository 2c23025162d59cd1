/** What the page of a game knows beside its table. */
export type GameFacts = {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  /** What each number of the value is called; empty for a game of one number. */
  readonly outputs: readonly string[];
  /** What v(S) measures. */
  readonly score: string;
  /** What a unit is, e.g. `player`. */
  readonly unit: string;
  /** What the numbers of the value are over, e.g. `Digit`. */
  readonly outputTitle: string;
  /** How the table is stored. */
  readonly table: TableForm;
};

/** `numbers`: as they are, in float64 or float32; `levels`: level times step plus low, of each output its own. */
export type TableForm =
  | { readonly form: "numbers" }
  | { readonly form: "levels"; readonly low: number[]; readonly step: number[] };
