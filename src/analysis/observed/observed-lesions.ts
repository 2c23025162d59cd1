import { invalid, wrongKind } from "../../errors.js";
import { unitNames } from "../../games/game.js";

/**
 * Lesions that were observed, not made: for each patient how much of every region is lesioned, and how well the patient
 * does.
 */
export interface ObservedLesions {
  /** Names of the regions. */
  readonly regions: readonly string[];
  /** Share of each region that is lesioned, from 0 to 1, `[patients, regions]`. */
  readonly lesions: Float64Array;
  /** Names of the scores; the larger a score, the better. */
  readonly scoreNames: readonly string[];
  /** `[patients, scores]` */
  readonly scores: Float64Array;
  /** Names of the patients. */
  readonly patients: readonly string[];
}

/** What {@link observedLesions} takes. */
export interface ObservedLesionsInput {
  /** Names of the regions, or of single voxels or tracts. */
  readonly regions: readonly string[];
  /**
   * A row for each patient: the share of each region that is lesioned, from 0 to 1; 0 and 1 where it is only known
   * whether it is.
   */
  readonly lesions: readonly ArrayLike<number>[];
  /** A number for each patient, or a row of several; the larger, the better (turn scores round that count errors). */
  readonly scores: readonly (number | ArrayLike<number>)[];
  /** Default `score`, or `score 1`, `score 2`, ... */
  readonly scoreNames?: readonly string[];
  /** Default `1`, `2`, ... */
  readonly patients?: readonly string[];
}

/** Size of scores below which, and of its inverse above which, squares are lost. */
const leastScore = 1e-140;

/** Fewest patients that anything can be learned from, and be held against others. */
const fewestPatients = 6;

/**
 * Checks observed lesions.
 *
 * @throws TypeError, RangeError for shares outside 0 to 1, numbers that are none (the message names patient and
 *   region), lengths that differ, names that come twice, fewer than six patients, a score that is the same for all
 * @example
 * const lesions = [[0, 0.4], [1, 0.1], [0, 0], [0.5, 1], [0.2, 0], [0, 0.9]];
 * const data = observedLesions({ regions: ["M1", "IFG"], lesions, scores: [40, 12, 50, 9, 44, 31] });
 */
export function observedLesions(input: ObservedLesionsInput): ObservedLesions {
  if (input === null || typeof input !== "object")
    throw wrongKind("observed lesions", "an object with regions, lesions and scores", input);
  const { lesions, scores } = input;
  if (!Array.isArray(lesions)) throw wrongKind("lesions", "a row for each patient", lesions);
  if (!Array.isArray(scores)) throw wrongKind("scores", "a number or a row for each patient", scores);
  const regions = unitNames(input.regions, "region");
  const count = lesions.length;
  if (count < fewestPatients) throw invalid("lesions", `rows of at least ${fewestPatients} patients`, count);
  if (scores.length !== count) throw invalid("scores", `${count}, one for each patient`, scores.length);
  const patients = unitNames(input.patients ?? lesions.map((_, p) => `${p + 1}`), "patient");
  if (patients.length !== count) throw invalid("patients", `${count} names`, patients.length);
  const rows = scores.map((score) => (typeof score === "number" ? [score] : Array.from(score as ArrayLike<number>)));
  const width = rows[0].length;
  const scoreNames = unitNames(
    input.scoreNames ?? (width === 1 ? ["score"] : rows[0].map((_, s) => `score ${s + 1}`)),
    "score",
  );
  if (scoreNames.length !== width) throw invalid("scoreNames", `${width} names`, scoreNames.length);
  const shares = new Float64Array(count * regions.length);
  const values = new Float64Array(count * width);
  for (let p = 0; p < count; p++) {
    if (lesions[p]?.length !== regions.length) {
      throw invalid(`lesions of patient ${patients[p]}`, `${regions.length} shares, one for each region`, lesions[p]);
    }
    if (rows[p].length !== width) throw invalid(`scores of patient ${patients[p]}`, `${width} numbers`, rows[p]);
    for (let r = 0; r < regions.length; r++)
      shares[p * regions.length + r] = share(lesions[p][r], patients[p], regions[r]);
    rows[p].forEach((score, s) => {
      const name = `${scoreNames[s]} of patient ${patients[p]}`;
      if (typeof score !== "number") throw wrongKind(name, "a finite number", score);
      if (!Number.isFinite(score)) throw invalid(name, "a finite number (leave out patients without a score)", score);
      values[p * width + s] = score;
    });
  }
  scoreNames.forEach((name, s) => {
    const own = rows.map((row) => row[s]);
    if (own.every((score) => score === own[0])) throw invalid(name, "a score in which patients differ", own[0]);
    const largest = own.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    if (!(largest >= leastScore && largest <= 1 / leastScore)) {
      throw invalid(name, `scores up to some size from ${leastScore} to 1e+140, whose squares are finite`, largest);
    }
  });
  return { regions, lesions: shares, scoreNames, scores: values, patients };
}

function share(value: unknown, patient: string, region: string): number {
  const name = `lesion of ${region} in patient ${patient}`;
  if (typeof value !== "number") throw wrongKind(name, shareRule, value);
  if (!isShare(value)) throw invalid(name, ruleOfShare(value), value);
  return value;
}

const shareRule = "the lesioned share of the region, from 0 to 1";

/** Whether a number is a lesioned share. */
export function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** What a number that is no share should have been. */
export function ruleOfShare(value: number): string {
  return value > 1 && value <= 100 ? `${shareRule} (per cent are to be divided by 100)` : shareRule;
}

/** In how many patients each region is lesioned at all, `[regions]`. */
export function patientsByRegion({ regions, lesions }: ObservedLesions): Float64Array {
  const counts = new Float64Array(regions.length);
  lesions.forEach((own, i) => {
    if (own > 0) counts[i % regions.length]++;
  });
  return counts;
}
