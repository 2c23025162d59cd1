import { invalid, MissingPartError } from "../errors.js";
import { outputSize, unitNames } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { checkedBlocks, checkedErrors, checkedValues, ofLength } from "./checked-parts.js";
import { columnsOf, type ModeColumns, type ModesFrame } from "./columns.js";
import { type CompareOptions, compareModes, type ModesComparison } from "./compare.js";
import { degreesOfFreedom } from "./confidence.js";
import { modesGlance } from "./glance/modes.js";
import { printedAlone } from "./glance/printed.js";
import { rankedText } from "./glance/ranked.js";
import type { ModeBlocks } from "./mode-blocks.js";
import type { ModesContent } from "./modes-content.js";
import { selectedParts, slicedParts } from "./parts-of-modes.js";
import { column, outputPlace, rowMeans, unitIndex } from "./places.js";

/** One contribution map: of a unit, or of a group of units together. */
export interface Mode {
  /** Name of the unit, or of the group. */
  readonly name: string;
  /** Shape of the map: that of the game's output. */
  readonly shape: readonly number[];
  /** The contributions, row-major, `shape`. */
  readonly values: Float64Array;
  /**
   * Standard error of each contribution, `shape`. For a group: the sum of its units' standard errors, which is never
   * too small (the estimates of units are correlated). Undefined where the file read held none.
   */
  readonly standardErrors: Float64Array | undefined;
  /** Of the standard errors: figures draw intervals by them. Absent where they are a normal distribution's. */
  readonly degreesOfFreedom?: number;
}

/** One number per unit: contributions to a single output, or averaged over all of them. */
export interface UnitContributions {
  readonly units: readonly string[];
  /** `[units]` */
  readonly values: Float64Array;
  /** `[units]`; undefined where not known. */
  readonly standardErrors: Float64Array | undefined;
  /** Of the standard errors: figures draw intervals by them. Absent where they are a normal distribution's. */
  readonly degreesOfFreedom?: number;
}

/** Everything that a {@link ShapleyModes} holds; only `values` and its shape are required. */
export interface ShapleyModesParts {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  /** `[units, ...outputShape]` */
  readonly values: Float64Array;
  /** `[units, ...outputShape]`, or NaN where it can not be known (a single ordering). */
  readonly standardErrors?: Float64Array | undefined;
  /** `[units]`: standard error of each unit's contribution averaged over the outputs. */
  readonly meanStandardErrors?: Float64Array | undefined;
  /** v with all units intact, `outputShape`. */
  readonly vAll?: Float64Array | undefined;
  /** v with no unit intact, `outputShape`. */
  readonly vNone?: Float64Array | undefined;
  /** Means of independent blocks, where they were kept. */
  readonly blocks?: ModeBlocks | undefined;
  /** How the numbers came about: estimator, orderings, seed, evaluations, game, checksums. */
  readonly provenance?: JsonObject | undefined;
}

/**
 * The Shapley Modes of a game: for each unit a contribution map phi_i with the shape of the game's output, the mean
 * over orderings of v(before_i + i) - v(before_i) (arXiv 2506.19732, section 2).
 */
export class ShapleyModes implements ModesContent {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly values: Float64Array;
  readonly standardErrors: Float64Array | undefined;
  readonly meanStandardErrors: Float64Array | undefined;
  readonly vAll: Float64Array | undefined;
  readonly vNone: Float64Array | undefined;
  /** Means of independent blocks of orderings: of a run with `blocks`; undefined where none were kept. */
  readonly blocks: ModeBlocks | undefined;
  readonly provenance: JsonObject;

  /** @throws RangeError where lengths do not fit together, a name stands twice, or a value is not finite */
  constructor(parts: ShapleyModesParts) {
    this.units = unitNames(parts.units);
    this.outputShape = [...parts.outputShape];
    const outputs = outputSize(this.outputShape);
    const all = this.units.length * outputs;
    this.values = checkedValues("values", parts.values, all);
    this.standardErrors = checkedErrors("standardErrors", parts.standardErrors, all);
    this.meanStandardErrors = checkedErrors("meanStandardErrors", parts.meanStandardErrors, this.units.length);
    this.vAll = ofLength("vAll", parts.vAll, outputs);
    this.vNone = ofLength("vNone", parts.vNone, outputs);
    this.blocks = checkedBlocks(parts.blocks, all);
    this.provenance = parts.provenance ?? {};
  }

  /**
   * Whether all orderings asked for were played: not so for what an interrupted run left (`InterruptedError.partial`).
   */
  get complete(): boolean {
    return this.provenance.orderings_planned === undefined && this.provenance.evaluations_planned === undefined;
  }

  /** How many numbers one mode has. */
  get outputs(): number {
    return outputSize(this.outputShape);
  }

  /**
   * The largest |sum of all modes - (v(all) - v(none))| over the outputs: 0 but for rounding, whatever the estimator.
   * NaN where v(all) and v(none) are not known, or only some of the units are here.
   */
  get efficiencyGap(): number {
    const { vAll, vNone } = this;
    if (!vAll || !vNone) return Number.NaN;
    return this.total().reduce((gap, sum, o) => Math.max(gap, Math.abs(sum - (vAll[o] - vNone[o]))), 0);
  }

  /** Sum of the modes of all units, `outputShape`. */
  total(): Float64Array {
    return this.group(this.units.keys(), "all units").values;
  }

  /** The mode of one unit, by name or index. */
  unit(unit: string | number): Mode {
    const u = unitIndex(this.units, unit);
    const rows = (array: Float64Array | undefined) => array?.slice(u * this.outputs, (u + 1) * this.outputs);
    return {
      name: this.units[u],
      shape: this.outputShape,
      values: rows(this.values) as Float64Array,
      standardErrors: rows(this.standardErrors),
      ...this.#freedom(),
    };
  }

  /**
   * The mode of several units together: the sum of theirs. @throws RangeError for a unit that is not there, or there
   * twice
   */
  group(units: Iterable<string | number>, name?: string): Mode {
    const members = [...units].map((unit) => unitIndex(this.units, unit));
    if (new Set(members).size < members.length) {
      const twice = members.find((unit, at) => members.indexOf(unit) < at) as number;
      throw invalid("units", "each unit once", this.units[twice]);
    }
    const sum = (array: Float64Array | undefined): Float64Array | undefined => {
      if (!array) return undefined;
      const total = new Float64Array(this.outputs);
      for (const u of members) for (let o = 0; o < total.length; o++) total[o] += array[u * total.length + o];
      return total;
    };
    return {
      name: name ?? members.map((u) => this.units[u]).join(" + "),
      shape: this.outputShape,
      values: sum(this.values) as Float64Array,
      standardErrors: sum(this.standardErrors),
      ...this.#freedom(),
    };
  }

  /** Contributions of every unit to one output, by its indices in the output's shape. */
  output(...indices: readonly number[]): UnitContributions {
    const o = outputPlace(this.outputShape, indices);
    return {
      units: this.units,
      values: column(this.values, this.outputs, o) as Float64Array,
      standardErrors: column(this.standardErrors, this.outputs, o),
      ...this.#freedom(),
    };
  }

  /** The degrees of freedom of what has standard errors, where they are known. */
  #freedom(): { readonly degreesOfFreedom?: number } {
    const degrees = this.standardErrors || this.meanStandardErrors ? degreesOfFreedom(this.provenance) : Number.NaN;
    return Number.isFinite(degrees) ? { degreesOfFreedom: degrees } : {};
  }

  /** Contributions of every unit, averaged over the outputs. */
  meanOverOutputs(): UnitContributions {
    const values = rowMeans(this.values, this.outputs);
    return { units: this.units, values, standardErrors: this.meanStandardErrors, ...this.#freedom() };
  }

  /**
   * The modes of one part of the output: its first indices fixed, the other dimensions whole. For modes of the shape
   * `[faces, 3, height, width]`, `slice(4)` is those of face 4 and `slice(4, 0)` of its red channel. Their provenance
   * says so (`slice`). The standard errors of means over the outputs are not known for a part.
   */
  slice(...indices: readonly number[]): ShapleyModes {
    return new ShapleyModes(slicedParts(this, indices));
  }

  /** Only these units' modes, in this order. They do not add up to v(all) - v(none), so these are left out. */
  select(units: Iterable<string | number>): ShapleyModes {
    const members = [...units].map((unit) => unitIndex(this.units, unit));
    return new ShapleyModes(selectedParts(this, members));
  }

  /**
   * The modes as tidy columns, one row per unit and output: `unit`, `output` (`output_0`, `output_1`, ... where the
   * output has several dimensions; absent where it is one number), `contribution`, and where it is known
   * `standard_error` and its confidence interval of 95 %, `ci95_low` to `ci95_high`.
   */
  toColumns(): ModeColumns {
    return columnsOf(this);
  }

  /**
   * {@link toColumns} as a data frame of danfojs, which is loaded now.
   *
   * @throws MissingPartError where danfojs-node is not installed, and in the page of a browser
   * @example
   * const frame = await modes.toDataFrame();
   * frame.groupby(["output"]).agg({ contribution: "sum" });
   */
  async toDataFrame<Frame = ModesFrame>(): Promise<Frame> {
    if (!globalThis.process?.getBuiltinModule) throw new MissingPartError("a data frame", "take toColumns() in a page");
    const { loadPart } = await import("../parts.js");
    const load = () => import("danfojs-node");
    const { DataFrame } = await loadPart(
      "a data frame",
      ["danfojs-node"],
      load,
      "environment.md has the overrides it needs",
    );
    return new DataFrame(this.toColumns()) as Frame;
  }

  /**
   * These modes beside others of the same units and outputs: correlations of the units' contributions, root mean square
   * and largest difference, and every unit's difference in units of the combined standard error. Units are matched by
   * name.
   *
   * @param options `names` where the other result calls units differently
   * @throws RangeError for other units, or outputs of another shape
   * @example
   * const again = await shapley(game, { orderings: 100, seed: 2 });
   * const comparison = modes.compare(again);
   * console.log(comparison);      // a few lines
   * table(comparison.rows);       // unit by unit
   */
  compare(other: ModesContent, options: CompareOptions = {}): ModesComparison {
    return compareModes(this, other, options);
  }

  /**
   * Writes them as `saveModes` does, by the file's ending: `.npz` (everything), `.zarr` (everything, to be read part by
   * part), `.tidy.csv` (a row per unit and output, with standard errors), `.csv` (the values, in msapy's format). The
   * file is there when the promise is fulfilled. Needs Node: in a browser there are no files.
   */
  async save(path: string): Promise<void> {
    const { saveModes } = await import("./write.js");
    await saveModes(this, path);
  }

  /**
   * What `console.log` prints: how they were computed, and the first of them with their errors; inside of another value
   * one line.
   */
  [Symbol.for("nodejs.util.inspect.custom")](depth?: number, options?: object): string {
    if (printedAlone(depth, options)) return rankedText(modesGlance(this));
    const { estimator, orderings, seed } = this.provenance;
    const known = Object.entries({ estimator, orderings, seed })
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name} ${value}`);
    const outputs = this.outputShape.length === 0 ? "one output" : `outputs [${this.outputShape.join(", ")}]`;
    return `ShapleyModes { ${[`${this.units.length} units`, outputs, ...known].join(", ")} }`;
  }
}
