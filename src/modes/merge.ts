import { invalid } from "../errors.js";
import { canonicalJson, type Json, type JsonObject } from "../json.js";
import { packageVersion } from "../version.js";
import { checkModes } from "./check-modes.js";
import type { ModeBlocks } from "./mode-blocks.js";
import { sameInAll } from "./same-in-all.js";
import { ShapleyModes } from "./shapley-modes.js";

/** Estimators whose estimate is a mean of independent samples, and how many orderings a sample is. */
const orderingsPerSample: Readonly<Record<string, number>> = { permutation: 1, antithetic: 2 };

/** One of two results to be merged, and what it counts. */
interface Part {
  readonly modes: ShapleyModes;
  readonly estimator: string;
  /** Independent samples, or evaluations where the estimate is no mean of samples. */
  readonly weight: number;
  readonly evaluations: number;
  readonly runs: readonly JsonObject[];
}

/**
 * One result of two runs of the same game with the same estimator and other seeds: more orderings than either has. Of
 * orderings and pairs of them (`permutation`, `antithetic`) it is, but for rounding, the result of all of them: the
 * mean of all samples, and standard errors from the spread of all of them (Chan, Golub and LeVeque 1983). Estimates of
 * other kinds (`leverage`) are averaged, weighed by their evaluations, with the standard errors of a mean of two
 * independent estimates, and their degrees of freedom: of runs about as long, since of unequal ones the longer is more
 * precise than its evaluations say, and may be so alone. `provenance.merged` lists the runs, by seed; merging in
 * another order gives the same bytes for two, and for more the same numbers but for rounding. Blocks are kept where
 * both have them. More than two are merged one after the other. With what an interrupted run left, the merged result is
 * not `complete` either: it says how much was planned for both.
 *
 * That both are of the same game is seen from their units, shapes, provenance, and v(all) and v(none); of a game of a
 * closure from the text of the function, which does not tell what it takes from outside.
 *
 * @throws TypeError for what is no ShapleyModes; RangeError, which names what differs, for other units, outputs, games,
 *   estimators, or values of v(all) or v(none); for a seed that both have, whose orderings are the same; for exact
 *   results, and those that do not say how they came about
 * @example
 * const more = mergeModes(modes, await shapley(game, { orderings: 100, seed: 2 }));
 * more.provenance.evaluations; // of both
 */
export function mergeModes(a: ShapleyModes, b: ShapleyModes): ShapleyModes {
  const parts = [partOf("a", a), partOf("b", b)] as [Part, Part];
  checkSameGame(a, b);
  parts.sort((x, y) => seedOf(x.runs[0]) - seedOf(y.runs[0]));
  const [first, second] = parts;
  const [x, y] = [first.modes, second.modes];
  const samples = first.estimator in orderingsPerSample;
  const total = first.weight + second.weight;
  const [p, q] = [first.weight / total, second.weight / total];
  const average = (one: Float64Array, other: Float64Array) => one.map((value, i) => p * value + q * other[i]);
  /** Standard errors of the merged estimates, from those of the two and the estimates. */
  const errors = (
    ones: Float64Array | undefined,
    others: Float64Array | undefined,
    mean: Float64Array,
    otherMean: Float64Array,
  ) =>
    ones &&
    others &&
    ones.map((error, i) =>
      samples
        ? pooled(first.weight, error, second.weight, others[i], mean[i] - otherMean[i])
        : Math.sqrt((p * error) ** 2 + (q * others[i]) ** 2),
    );
  const values = average(x.values, y.values);
  const standardErrors = errors(x.standardErrors, y.standardErrors, x.values, y.values);
  const ends = x.vAll && x.vNone && { all: x.vAll, none: x.vNone };
  const over = orderingsPerSample[first.estimator] === 2 ? "pair" : "ordering";
  return new ShapleyModes({
    units: x.units,
    outputShape: x.outputShape,
    values,
    standardErrors,
    meanStandardErrors: errors(
      x.meanStandardErrors,
      y.meanStandardErrors,
      x.meanOverOutputs().values,
      y.meanOverOutputs().values,
    ),
    vAll: x.vAll,
    vNone: x.vNone,
    blocks: x.blocks && y.blocks && joined(x.blocks, y.blocks),
    provenance: {
      ...provenanceOf(first, second),
      ...(samples && standardErrors && ends && sameInAll(values, standardErrors, ends, total, over)),
    },
  });
}

/**
 * Standard error of the mean of two sets of samples together, given those of each, and how far their means are apart.
 */
function pooled(n: number, error: number, m: number, otherError: number, apart: number): number {
  const count = n + m;
  // n (n - 1) error^2 is the sum of squared deviations; of a single sample it is 0, though its error is not known.
  const squares = (samples: number, of: number) => (samples === 1 ? 0 : samples * (samples - 1) * of * of);
  const all = squares(n, error) + squares(m, otherError) + apart * apart * ((n * m) / count);
  return Math.sqrt(all / (count - 1) / count);
}

/** The blocks of both: means of independent samples, whichever run they are of. */
function joined(one: ModeBlocks, other: ModeBlocks): ModeBlocks {
  const both = (a: Float64Array, b: Float64Array) => Float64Array.of(...a, ...b);
  const values = new Float64Array(one.values.length + other.values.length);
  values.set(one.values);
  values.set(other.values, one.values.length);
  return { samples: both(one.samples, other.samples), values };
}

function partOf(name: string, modes: ShapleyModes): Part {
  checkModes(modes, name);
  const { estimator, orderings, evaluations, merged } = modes.provenance;
  const runs = Array.isArray(merged) ? (merged as readonly JsonObject[]) : [runOf(modes.provenance)];
  if (estimator === "exact") throw invalid(name, "sampled modes; exact ones can not become more precise", estimator);
  const positive = (value: Json | undefined) => typeof value === "number" && Number.isSafeInteger(value) && value > 0;
  if (typeof estimator !== "string" || !positive(evaluations) || runs.some(({ seed }) => typeof seed !== "number")) {
    throw invalid(name, "modes that say their estimator, seed and evaluations, as those of shapley do", modes);
  }
  const each = orderingsPerSample[estimator];
  const weight = each === undefined ? (evaluations as number) : (orderings as number) / each;
  if (each !== undefined && !positive(weight)) throw invalid(`orderings of ${name}`, "a number of them", orderings);
  if (each === undefined && modes.standardErrors?.every((error) => error === 0)) {
    throw invalid(name, "modes with a sampling error; all coalitions are in these", estimator);
  }
  return { modes, estimator, weight, evaluations: evaluations as number, runs };
}

/** What a result says of its run alone. */
function runOf(provenance: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(provenance).filter(([name]) => !commonFacts.includes(name)));
}

/** What has to be the same in both, and stands beside `merged`. */
const commonFacts = ["estimator", "game", "game_code", "part", "slice", "standard_error_over"];

/** @throws RangeError where the two are not of one game, or share orderings */
function checkSameGame(a: ShapleyModes, b: ShapleyModes): void {
  const same = (x: unknown, y: unknown) =>
    canonicalJson((x ?? null) as Json, 0) === canonicalJson((y ?? null) as Json, 0);
  if (a.units.length !== b.units.length) throw invalid("units of b", `${a.units.length} units`, b.units.length);
  const u = a.units.findIndex((unit, i) => unit !== b.units[i]);
  if (u >= 0) throw invalid("units of b", `those of a, in their order, such as ${a.units[u]}`, b.units[u]);
  if (!same(a.outputShape, b.outputShape)) {
    throw invalid("output shape of b", `that of a, [${a.outputShape.join(", ")}]`, b.outputShape);
  }
  for (const name of commonFacts) {
    const [x, y] = [a.provenance[name], b.provenance[name]];
    if (!same(x, y)) throw invalid(`${name} of b`, `that of a${differing(x, y)}`, y ?? null);
  }
  for (const name of ["vAll", "vNone"] as const) {
    const called = name === "vAll" ? "v(all)" : "v(none)";
    if (!sameNumbers(a[name], b[name]))
      throw invalid(`${called} of b`, "that of a: they are of different games", b[name]);
  }
  const seeds = (modes: ShapleyModes) => partOf("modes", modes).runs.map(seedOf);
  const shared = seeds(a).find((seed) => seeds(b).includes(seed));
  if (shared !== undefined) {
    throw invalid("seed of b", "one that a does not have: equal seeds play the same orderings", shared);
  }
}

/** What differs in two descriptions of a game: ` (score: "a" there, "b" here)`. */
function differing(x: Json | undefined, y: Json | undefined): string {
  if (x?.constructor !== Object || y?.constructor !== Object) return `, ${JSON.stringify(x ?? null)}`;
  const [one, other] = [x as JsonObject, y as JsonObject];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  const different = names.filter(
    (name) => canonicalJson(one[name] ?? null, 0) !== canonicalJson(other[name] ?? null, 0),
  );
  const facts = different.map((name) => `${name}: ${shortJson(one[name])} in a, ${shortJson(other[name])} in b`);
  return ` (${facts.join("; ")})`;
}

function shortJson(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** Whether two lists are the same, or one is the other in single precision, as `shapleyToDisk` stores it. */
function sameNumbers(x: Float64Array | undefined, y: Float64Array | undefined): boolean {
  if (!x || !y) return x === y;
  const equal = (of: (value: number) => number, as: (value: number) => number) =>
    x.every((value, i) => of(value) === as(y[i]));
  const itself = (value: number) => value;
  return equal(itself, itself) || equal(Math.fround, itself) || equal(itself, Math.fround);
}

function seedOf(run: JsonObject): number {
  return run.seed as number;
}

function provenanceOf(first: Part, second: Part): JsonObject {
  const {
    estimator,
    game = null,
    game_code: code,
    orderings,
    part,
    slice,
    standard_error_over: over = null,
  } = first.modes.provenance;
  const more = second.modes.provenance.orderings;
  const unknown =
    first.modes.provenance.standard_errors_unknown ?? second.modes.provenance.standard_errors_unknown ?? null;
  const exact = first.modes.provenance.fitted_exactly ?? second.modes.provenance.fitted_exactly ?? null;
  return {
    ...degreesOf(first, second),
    ...plannedOf(first, second),
    ...(unknown !== null && { standard_errors_unknown: unknown }),
    ...(exact !== null && { fitted_exactly: exact }),
    estimator,
    evaluations: first.evaluations + second.evaluations,
    game,
    ...(code !== undefined && { game_code: code }),
    ...(part !== undefined && { part }),
    ...(slice !== undefined && { slice }),
    merged: [...first.runs, ...second.runs].sort((x, y) => seedOf(x) - seedOf(y)),
    orderings: typeof orderings === "number" && typeof more === "number" ? orderings + more : null,
    seed: null,
    standard_error_over: over,
    version: packageVersion,
  };
}

/** What both were to have, where one was interrupted: the two are not complete then. */
function plannedOf(...parts: readonly Part[]): JsonObject {
  const said = (["orderings", "evaluations"] as const).flatMap((name) => {
    if (parts.every(({ modes }) => modes.provenance[`${name}_planned`] === undefined)) return [];
    const planned = parts.map(({ modes: { provenance } }) => provenance[`${name}_planned`] ?? provenance[name]);
    return [[`${name}_planned`, planned.reduce((sum: number, more) => sum + (more as number), 0)] as const];
  });
  return Object.fromEntries(said);
}

/**
 * Degrees of freedom of the error of two regressions' mean, weighed by their evaluations (Welch 1947, Satterthwaite
 * 1946): squared errors are as the reciprocals of these.
 */
function degreesOf(first: Part, second: Part): JsonObject {
  const [a, b] = [first, second].map(({ modes }) => modes.provenance.degrees_of_freedom);
  if (typeof a !== "number" || typeof b !== "number") return {};
  const [m, n] = [first.weight, second.weight];
  return { degrees_of_freedom: (m + n) ** 2 / (m ** 2 / a + n ** 2 / b) };
}
