import { invalid } from "../errors.js";
import { outputSize, unitNames } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { checkedValues, ofLength } from "./checked-parts.js";
import type { ModeColumns } from "./columns.js";
import { errorColumns } from "./columns.js";
import { interactionsGlance } from "./glance/interactions.js";
import { printedAlone } from "./glance/printed.js";
import { rankedText } from "./glance/ranked.js";
import { type InteractionIndex, isEfficient } from "./interaction-index.js";
import { column, outputPlace, rowMeans, unitIndex } from "./places.js";
import type { InteractionsContent } from "./save-interactions.js";
import type { ShapleyModes } from "./shapley-modes.js";

/** How some units interact: a map of the shape of the game's output. */
export interface SetInteraction {
  /** Names of the units. */
  readonly units: readonly string[];
  /** Shape of the map: that of the game's output. */
  readonly shape: readonly number[];
  /** The interaction, row-major, `shape`. */
  readonly values: Float64Array;
  /** Standard errors, `shape`; 0 for exact values, undefined where the file read held none. */
  readonly standardErrors: Float64Array | undefined;
}

/** A number for every two units. */
export interface UnitMatrix {
  readonly units: readonly string[];
  /** `[units][units]`; NaN where not known. */
  readonly values: readonly (readonly number[])[];
  /** `[units][units]`; NaN, or undefined as a whole, where not known. */
  readonly standardErrors: readonly (readonly number[])[] | undefined;
  /** Numbers up to this size are rounding; default 0. */
  readonly rounding?: number;
}

/** One number for each set of units. */
export interface SetContributions {
  /** Names of the units of each set. */
  readonly sets: readonly (readonly string[])[];
  /** `[sets]` */
  readonly values: Float64Array;
  /** `[sets]`; undefined where not known. */
  readonly standardErrors: Float64Array | undefined;
}

/** Everything that {@link Interactions} hold. */
export interface InteractionsParts {
  readonly index: InteractionIndex;
  /** Most units of a set. */
  readonly order: number;
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  /** Indices of the units of each set, ascending. */
  readonly subsets: readonly (readonly number[])[];
  /** `[subsets, ...outputShape]` */
  readonly values: Float64Array;
  /** `[subsets, ...outputShape]`; NaN where it can not be known. */
  readonly standardErrors?: Float64Array | undefined;
  /** `[subsets]`: standard errors of the means over the outputs. */
  readonly meanStandardErrors?: Float64Array | undefined;
  /** v with all units intact, `outputShape`. */
  readonly vAll?: Float64Array | undefined;
  /** v with no unit intact, `outputShape`. */
  readonly vNone?: Float64Array | undefined;
  /** The Shapley Modes from the same evaluations. */
  readonly modes?: ShapleyModes | undefined;
  readonly provenance?: JsonObject | undefined;
}

/**
 * How the units of a game interact: for some sets of up to `order` units what they do together beyond what the parts of
 * the set do, a map of the shape of the game's output for each. A positive number: they help each other (each needs the
 * other); a negative one: they do the same (one is enough).
 */
export class Interactions implements InteractionsContent {
  readonly index: InteractionIndex;
  readonly order: number;
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly subsets: readonly (readonly number[])[];
  readonly values: Float64Array;
  readonly standardErrors: Float64Array | undefined;
  readonly meanStandardErrors: Float64Array | undefined;
  readonly vAll: Float64Array | undefined;
  readonly vNone: Float64Array | undefined;
  /** The Shapley Modes from the same evaluations; undefined for chosen sets from walks. */
  readonly modes: ShapleyModes | undefined;
  readonly provenance: JsonObject;
  readonly #places: ReadonlyMap<string, number>;

  /** @throws RangeError where lengths do not fit together, a set is none or stands twice, or a value is not finite */
  constructor(parts: InteractionsParts) {
    this.index = parts.index;
    this.order = parts.order;
    this.units = unitNames(parts.units);
    this.outputShape = [...parts.outputShape];
    this.subsets = parts.subsets.map((set) => [...set]);
    const places = new Map<string, number>();
    for (const [place, set] of this.subsets.entries()) {
      const rule = `1 to ${this.order} different units by index, ascending, and each set once`;
      const fits = set.length >= 1 && set.length <= this.order && !places.has(set.join());
      if (!fits || !set.every((unit, at) => unit < this.units.length && unit > (set[at - 1] ?? -1))) {
        throw invalid("subset", rule, set);
      }
      places.set(set.join(), place);
    }
    this.#places = places;
    const outputs = outputSize(this.outputShape);
    const all = this.subsets.length * outputs;
    this.values = checkedValues("values", parts.values, all);
    this.standardErrors = ofLength("standardErrors", parts.standardErrors, all);
    this.meanStandardErrors = ofLength("meanStandardErrors", parts.meanStandardErrors, this.subsets.length);
    this.vAll = ofLength("vAll", parts.vAll, outputs);
    this.vNone = ofLength("vNone", parts.vNone, outputs);
    this.modes = parts.modes;
    this.provenance = parts.provenance ?? {};
  }

  /** How many numbers one interaction has. */
  get outputs(): number {
    return outputSize(this.outputShape);
  }

  /**
   * The largest |sum over all sets - (v(all) - v(none))| over the outputs: 0 but for rounding for the indices that are
   * efficient (k-SII, STII, FSII); NaN for SII and Banzhaf, which are not, and where only some sets are here.
   */
  get efficiencyGap(): number {
    const { vAll, vNone, outputs, values } = this;
    if (!vAll || !vNone || !isEfficient(this.index) || !this.#whole) return Number.NaN;
    const sums = new Float64Array(outputs);
    for (let i = 0; i < values.length; i++) sums[i % outputs] += values[i];
    return sums.reduce((gap, sum, o) => Math.max(gap, Math.abs(sum - (vAll[o] - vNone[o]))), 0);
  }

  /** Interactions up to this size are rounding: 10^-12 of the largest value, mode or interaction. */
  get rounding(): number {
    const known = [this.values, this.vAll, this.vNone, this.modes?.values];
    return 1e-12 * known.reduce((most, list) => list?.reduce((top, x) => Math.max(top, Math.abs(x)), most) ?? most, 0);
  }

  /** Whether there are single units among the sets, and so all sets. */
  get #whole(): boolean {
    return this.subsets.some(({ length }) => length === 1);
  }

  /** The interaction of two units, by name or index. @throws RangeError where it was not asked for */
  pair(a: string | number, b: string | number): SetInteraction {
    return this.of(a, b);
  }

  /** The interaction of a set of units, by name or index, in any order; of a single unit what the index gives it. */
  of(...units: readonly (string | number)[]): SetInteraction {
    const place = this.#place(units.map((unit) => unitIndex(this.units, unit)));
    if (place === undefined) throw invalid("units", `some whose interaction was computed (${this.#sizes()})`, units);
    const row = (array: Float64Array | undefined) => array?.slice(place * this.outputs, (place + 1) * this.outputs);
    return {
      units: this.subsets[place].map((unit) => this.units[unit]),
      shape: this.outputShape,
      values: row(this.values) as Float64Array,
      standardErrors: row(this.standardErrors),
    };
  }

  /**
   * The interactions of all pairs as a symmetric matrix: of one output, by its indices in the output's shape, or,
   * without indices, averaged over the outputs. On the diagonal is what the index gives single units. NaN where a pair
   * was not asked for.
   */
  matrix(...output: readonly number[]): UnitMatrix {
    const { values, standardErrors } = output.length > 0 ? this.output(...output) : this.meanOverOutputs();
    const square = () => this.units.map(() => new Array<number>(this.units.length).fill(Number.NaN));
    const [table, errors] = [square(), square()];
    this.subsets.forEach((set, place) => {
      if (set.length > 2) return;
      const [a, b] = [set[0], set[set.length - 1]];
      for (const [i, j] of [
        [a, b],
        [b, a],
      ]) {
        table[i][j] = values[place];
        if (standardErrors) errors[i][j] = standardErrors[place];
      }
    });
    const { rounding } = this;
    return { units: this.units, values: table, standardErrors: standardErrors && errors, rounding };
  }

  /** The interactions of all sets for one output, by its indices in the output's shape. */
  output(...indices: readonly number[]): SetContributions {
    const { outputs } = this;
    const o = outputPlace(this.outputShape, indices);
    return {
      sets: this.#names(),
      values: column(this.values, outputs, o) as Float64Array,
      standardErrors: column(this.standardErrors, outputs, o),
    };
  }

  /** The interactions of all sets, averaged over the outputs. */
  meanOverOutputs(): SetContributions {
    const values = rowMeans(this.values, this.outputs);
    return { sets: this.#names(), values, standardErrors: this.meanStandardErrors };
  }

  /**
   * The interactions as tidy columns, one row per set and output: `units` (`a + b`), `order` (how many they are),
   * `output` (`output_0`, ... where the output has several dimensions; none for one number), `interaction`, and where
   * it is known `standard_error` and its confidence interval of 95 %, `ci95_low` to `ci95_high`.
   */
  toColumns(): ModeColumns {
    const { outputs, outputShape, values, standardErrors } = this;
    const rows = <T>(of: (row: number) => T) => Array.from({ length: values.length }, (_, row) => of(row));
    const names = this.#names().map((set) => set.join(" + "));
    const columns: ModeColumns = {
      units: rows((row) => names[Math.floor(row / outputs)]),
      order: rows((row) => this.subsets[Math.floor(row / outputs)].length),
    };
    let stride = outputs;
    outputShape.forEach((extent, dimension) => {
      stride /= extent;
      const step = stride;
      columns[outputShape.length === 1 ? "output" : `output_${dimension}`] = rows(
        (row) => Math.floor(row / step) % extent,
      );
    });
    columns.interaction = Array.from(values);
    if (standardErrors) Object.assign(columns, errorColumns(values, standardErrors, this.provenance));
    return columns;
  }

  /**
   * Writes everything to an `.npz` file, which `loadInteractions` and `numpy.load` read. The file is there when the
   * promise is fulfilled.
   */
  async save(path: string): Promise<void> {
    const { saveInteractions } = await import("./save-interactions.js");
    saveInteractions(this, path);
  }

  /**
   * What `console.log` prints: how they were computed, and the first of them with their errors; inside of another value
   * one line.
   */
  [Symbol.for("nodejs.util.inspect.custom")](depth?: number, options?: object): string {
    if (printedAlone(depth, options)) return rankedText(interactionsGlance(this));
    const outputs = this.outputShape.length === 0 ? "one output" : `outputs [${this.outputShape.join(", ")}]`;
    const { estimator, seed } = this.provenance;
    const known = Object.entries({ estimator, seed })
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name} ${value}`);
    const facts = [`${this.index} of order ${this.order}`, `${this.units.length} units`, this.#sizes(), outputs];
    return `Interactions { ${[...facts, ...known].join(", ")} }`;
  }

  /** How many sets there are, by size: `10 units, 45 pairs`. */
  #sizes(): string {
    const counts = new Map<number, number>();
    for (const { length } of this.subsets) counts.set(length, (counts.get(length) ?? 0) + 1);
    const words = ["", "single", "pair", "triple"];
    return [...counts]
      .map(([size, count]) => `${count} ${words[size] ?? `set of ${size}`}${count === 1 ? "" : "s"}`)
      .join(", ");
  }

  #names(): string[][] {
    return this.subsets.map((set) => set.map((unit) => this.units[unit]));
  }

  #place(units: readonly number[]): number | undefined {
    return this.#places.get([...units].sort((a, b) => a - b).join());
  }
}
