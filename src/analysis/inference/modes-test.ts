import { oneOf } from "../../errors.js";
import { cancelledText } from "./contribution-table.js";

/** How `testModes` tests. */
export type TestMethod = "sign-flip" | "bootstrap" | "t";
/** All of them. */
export const testMethods: readonly TestMethod[] = ["sign-flip", "bootstrap", "t"];

/** What every test says of its number. */
export interface TestedNumber {
  /** The output's indices, where each output is tested. */
  readonly output?: string;
  /** What it is tested against. */
  readonly reference: number;
  readonly standardError: number;
  /** Ends of the confidence interval, of this test alone: it leaves out the level. */
  readonly low: number;
  readonly high: number;
  /** Two-sided, of this test alone; 1 where the number is the reference but for rounding. */
  readonly p: number;
  /** Corrected for all tests: up to the level, with its probability no finding is false (Holm). */
  readonly holm: number;
  /**
   * Corrected for all tests: up to the level, at most its share of findings is false on average (Benjamini and
   * Hochberg).
   */
  readonly benjaminiHochberg: number;
  /**
   * Distance from the reference that Bonferroni's correction of these tests finds with a probability of 80 %, at this
   * standard error.
   */
  readonly detectable: number;
}

/** The test of one unit, or of one unit and output. */
export interface TestedUnit extends TestedNumber {
  readonly unit: string;
  readonly contribution: number;
}

/** The test of one set of units, or of one set and output. */
export interface TestedInteraction extends TestedNumber {
  /** Names of its units: `a + b`. */
  readonly units: string;
  readonly interaction: number;
}

/** How tests were made. */
export interface TestSettings {
  readonly method: TestMethod;
  readonly level: number;
  /** The smallest p that there can be: 2^(1 - blocks), or 1 / (resamples + 1); 0 for "t". */
  readonly leastP: number;
  readonly blocks: number | undefined;
  readonly resamples: number | undefined;
  /**
   * Degrees of freedom that "t" goes by: infinite for exact results; undefined for the other methods, and where they
   * are not known.
   */
  readonly degrees?: number | undefined;
  /** Whether the contributions cancel in the mean over the outputs, so that there is nothing to test. */
  readonly cancelled?: boolean;
}

const unknownDegrees =
  "of how many samples the standard errors are is not known: intervals and p are those of a normal distribution, too certain where samples are few; of an error of 0 there is no p";

/** What `testModes` and `testInteractions` found: a row for each test; `console.log` prints how many hold. */
export class ModesTest<Row extends TestedNumber = TestedUnit> {
  readonly rows: readonly Row[];
  readonly settings: TestSettings;

  constructor(rows: readonly Row[], settings: TestSettings) {
    this.rows = rows;
    this.settings = settings;
  }

  /**
   * The tests that hold at the level, by the correction asked for; "none" corrects nothing. @throws RangeError for
   * another name
   */
  found(correction: "holm" | "benjamini-hochberg" | "none" = "holm"): readonly Row[] {
    const { level } = this.settings;
    const columns = { holm: "holm", "benjamini-hochberg": "benjaminiHochberg", none: "p" } as const;
    const name = columns[oneOf("correction", ["holm", "benjamini-hochberg", "none"], correction)];
    return this.rows.filter((row) => row[name] <= level);
  }

  /** Why a correction can find nothing however clear a contribution is; undefined where it can. */
  get blind(): string | undefined {
    const { leastP, level, blocks, method } = this.settings;
    const needed = level / this.rows.length;
    if (leastP <= needed) return undefined;
    const few = method === "sign-flip" && blocks !== undefined && 2 ** (1 - blocks) > needed;
    const remedy = few
      ? `${1 + Math.ceil(-Math.log2(needed))} blocks could, or method "t"`
      : `${Math.ceil(1 / needed) - 1} resamples could, or method "t"`;
    return `no p is below ${leastP.toPrecision(2)}, and of ${this.rows.length} tests Holm's correction finds nothing above ${needed.toPrecision(2)} where one unit alone contributes: ${remedy}`;
  }

  /** A few lines: what was tested, what holds, and what could have been detected. */
  toString(): string {
    const { rows } = this;
    const { method, level, blocks, resamples } = this.settings;
    const how = method === "t" ? "" : ` of ${blocks} blocks, ${resamples} resamples at most`;
    const known = rows.map(({ detectable }) => detectable).filter(Number.isFinite);
    const short = (value: number) => String(Number(value.toPrecision(3)));
    const middle = known.sort((a, b) => a - b)[Math.floor(known.length / 2)];
    const largest = known.at(-1);
    return [
      `${rows.length} tests (${method}${how}) at ${Number((100 * level).toPrecision(6))} %`,
      `hold: ${this.found().length} by Holm, ${this.found("benjamini-hochberg").length} by Benjamini-Hochberg, ${this.found("none").length} uncorrected (chance alone gives ${short(level * rows.length)})`,
      ...(middle === undefined || largest === undefined
        ? ["what could be detected is not known: there are no standard errors"]
        : [
            `detectable with 80 % probability: ${short(middle)} from the reference (median; at most ${short(largest)})`,
          ]),
      ...(this.blind === undefined ? [] : [this.blind]),
      ...(this.settings.cancelled ? [cancelledText] : []),
      ...(method === "t" && this.settings.degrees === undefined ? [unknownDegrees] : []),
    ].join("\n");
  }

  /** What `console.log` prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
