/** What v is as units go in an order, and as they come back in it. */
export interface RandomCurve {
  /** v after each step of lesioning the first units, `[steps + 1]`: from v(all) to v(none). */
  readonly deletion: Float64Array;
  /** v after each step of bringing the first units back, `[steps + 1]`: from v(none) to v(all). */
  readonly insertion: Float64Array;
  /**
   * Mean height of the curve over the share of the units: the smaller, the better (where less of v is better, the
   * larger).
   */
  readonly deletionArea: number;
  /** The same of insertion: the larger, the better (else the smaller). */
  readonly insertionArea: number;
}

/** The curves of a ranking. */
export interface AttributionCurve extends RandomCurve {
  readonly name: string;
  /** Names of the units, the most important first; equal ones in the order of the game. */
  readonly order: readonly string[];
  /** Units that are equal to another one, whose curves are means over random orders of them; default 0. */
  readonly equal?: number;
}

/** A ranking in one line. */
export interface AttributionRow {
  readonly ranking: string;
  /** The smaller, the better; where less of v is better, the larger. */
  readonly deletion: number;
  /**
   * (1 + random rankings at least as good) / (1 + random rankings): 1 / (1 + random rankings) at least. NaN without
   * random ones.
   */
  readonly deletionP: number;
  /** The larger, the better; where less of v is better, the smaller. */
  readonly insertion: number;
  readonly insertionP: number;
  /**
   * Insertion less deletion, where less of v is better deletion less insertion: both in one number, the larger the
   * better.
   */
  readonly difference: number;
}

/** What {@link AttributionCurves} is made of. */
export interface AttributionCurvesParts {
  /** How many. */
  readonly units: number;
  /** How many units are lesioned, or are back, after each step, `[steps + 1]`. */
  readonly counts: readonly number[];
  readonly curves: readonly AttributionCurve[];
  readonly random: readonly RandomCurve[];
  readonly vAll: number;
  readonly vNone: number;
  /** Whether less of v is better; default false. */
  readonly lowerIsBetter?: boolean;
}

/** Share of an area that rounding in double precision may make, sums of some hundred values counted. */
const rounding = 2 ** -44;

/**
 * Insertion and deletion curves of several rankings: what `attributionCurves` gives. `console.log` prints the areas.
 */
export class AttributionCurves implements AttributionCurvesParts {
  readonly units: number;
  readonly counts: readonly number[];
  readonly curves: readonly AttributionCurve[];
  readonly random: readonly RandomCurve[];
  readonly vAll: number;
  readonly vNone: number;
  readonly lowerIsBetter: boolean;

  constructor({ units, counts, curves, random, vAll, vNone, lowerIsBetter = false }: AttributionCurvesParts) {
    this.units = units;
    this.counts = counts;
    this.curves = curves;
    this.random = random;
    this.vAll = vAll;
    this.vNone = vNone;
    this.lowerIsBetter = lowerIsBetter;
  }

  /** A row for each ranking, and one with the means of the random ones. */
  get rows(): readonly AttributionRow[] {
    const { random } = this;
    const sign = this.lowerIsBetter ? -1 : 1;
    const p = (better: (other: RandomCurve) => boolean) =>
      random.length === 0 ? Number.NaN : (1 + random.filter(better).length) / (1 + random.length);
    /** What rounding may make of an area: rankings that differ by less are equally good. */
    const lostIn = (area: number) => rounding * Math.max(Math.abs(area), Math.abs(this.vAll), Math.abs(this.vNone));
    const rows = this.curves.map(
      ({ name, deletionArea, insertionArea }): AttributionRow => ({
        ranking: name,
        deletion: deletionArea,
        deletionP: p((other) => sign * (other.deletionArea - deletionArea) <= lostIn(deletionArea)),
        insertion: insertionArea,
        insertionP: p((other) => sign * (insertionArea - other.insertionArea) <= lostIn(insertionArea)),
        difference: sign * (insertionArea - deletionArea),
      }),
    );
    if (random.length === 0) return rows;
    const mean = (of: (curve: RandomCurve) => number) =>
      random.reduce((sum, curve) => sum + of(curve), 0) / random.length;
    const [deletion, insertion] = [mean((curve) => curve.deletionArea), mean((curve) => curve.insertionArea)];
    const chance = { ranking: "random", deletion, deletionP: Number.NaN, insertion, insertionP: Number.NaN };
    return [...rows, { ...chance, difference: sign * (insertion - deletion) }];
  }

  /** The areas in a few lines. */
  toString(): string {
    const short = (value: number) => (Number.isNaN(value) ? "-" : String(Number(value.toPrecision(3))));
    const width = Math.max(...this.rows.map(({ ranking }) => ranking.length));
    return [
      `v(all) ${short(this.vAll)}, v(none) ${short(this.vNone)}${this.lowerIsBetter ? " (less is better)" : ""}, ${this.units} units; areas (p against ${this.random.length} random rankings):`,
      ...this.rows.map(
        ({ ranking, deletion, deletionP, insertion, insertionP }) =>
          `  ${ranking.padEnd(width)}  deletion ${short(deletion)} (${short(deletionP)}), insertion ${short(insertion)} (${short(insertionP)})`,
      ),
      ...this.curves
        .filter(({ equal = 0 }) => equal > 0)
        .map(({ name, equal }) => `${name}: ${equal} units are equal to others and were taken in random orders`),
    ].join("\n");
  }

  /** What `console.log` prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
