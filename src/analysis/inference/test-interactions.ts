import { allPairs } from "../../coalitions/complement-pairs.js";
import { invalid, oneOf, wrongKind } from "../../errors.js";
import { degreesOfFreedom, tFactor } from "../../modes/confidence.js";
import type { Interactions } from "../../modes/interactions.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { normalQuantile } from "../../quantiles.js";
import { adjustedPValues } from "./adjusted.js";
import { indicesOf, type OfOutputs } from "./contribution-table.js";
import { ModesTest, type TestedInteraction } from "./modes-test.js";
import { studentTails } from "./student.js";
import { power, share } from "./test-modes.js";

/** Options of {@link testInteractions}. */
export interface TestInteractionsOptions {
  /** Whether each set's mean over the outputs is tested (default), or its interaction for each output. */
  readonly outputs?: OfOutputs;
  /** Chance of a false finding that is put up with; default 0.05. Intervals leave out as much. */
  readonly level?: number;
}

/** The names of `TestInteractionsOptions`. */
export const testInteractionsOptionNames: OptionNames<TestInteractionsOptions> = { outputs: true, level: true };

/**
 * Which units interact? Student's t of every interaction and its standard error against 0, for all sets of two units or
 * more, with p values corrected for their number by Holm and by Benjamini and Hochberg. Degrees of freedom are the
 * pairs of orderings less one (`walks`), or the rows of the regression less its unknowns (`pairs`).
 *
 * What is tested is the sampling of coalitions, as by {@link testModes}: exact interactions have no error, and whatever
 * is more than rounding holds. Sets whose standard error is not known have a p of NaN, and count as no test.
 *
 * @throws RangeError for interactions without standard errors, without a set of two units, and options out of range;
 *   TypeError for what is no Interactions
 * @example
 * const found = await interactions(game, { estimator: "pairs" });
 * const test = testInteractions(found);
 * console.log(test); // how many hold
 * table(test.found());
 * const figure = interactionMatrixFigure(found.matrix(), { test });
 */
export function testInteractions(
  found: Interactions,
  options: TestInteractionsOptions = {},
): ModesTest<TestedInteraction> {
  knownOptions("testInteractions", options, testInteractionsOptionNames);
  const { subsets: sets } = (found ?? {}) as Partial<Interactions>;
  if (!Array.isArray(sets)) throw wrongKind("interactions", "Interactions", found);
  const { outputs: of = "mean", level: asked } = options;
  oneOf("outputs", ["mean", "each"], of);
  const level = share("level", asked ?? 0.05);
  const { subsets, units, outputs, outputShape, rounding } = found;
  const each = of === "each" && outputShape.length > 0;
  const width = each ? outputs : 1;
  const places = Array.from(subsets.keys()).filter((place) => subsets[place].length > 1);
  if (places.length === 0) throw invalid("interactions", "some of two units or more", found);
  const mean = found.meanOverOutputs();
  const values = each ? found.values : mean.values;
  const errors = each
    ? found.standardErrors
    : (mean.standardErrors ?? (outputs === 1 ? found.standardErrors : undefined));
  if (!errors || places.every((place) => Number.isNaN(errors[place * width]))) {
    const rule = each
      ? "some with standard errors: exact ones, or with more samples"
      : 'some with standard errors of their means over the outputs: exact ones, or with more samples (outputs: "each" tests what has them)';
    throw invalid("interactions", rule, found);
  }
  const known = freedomOf(found);
  const degrees = known ?? Number.POSITIVE_INFINITY;
  const rows = places.flatMap((place) =>
    Array.from({ length: width }, (_, o) => ({ place, at: place * width + o, output: o })),
  );
  const p = rows.map(({ at }) => {
    if (Math.abs(values[at]) <= rounding) return 1;
    return errors[at] <= rounding ? 2 ** -(known ?? Number.NaN) : studentTails(values[at] / errors[at], degrees);
  });
  const [holm, falseDiscovery] = [adjustedPValues(p, "holm"), adjustedPValues(p, "benjamini-hochberg")];
  const factor = tFactor(degrees, level);
  const detectable = tFactor(degrees, level / rows.length) + normalQuantile(power);
  const tested = rows.map(
    ({ place, at, output }, row): TestedInteraction => ({
      units: subsets[place].map((unit) => units[unit]).join(" + "),
      ...(each && { output: indicesOf(output, outputShape).join(", ") }),
      interaction: values[at],
      reference: 0,
      standardError: errors[at],
      low: values[at] - factor * errors[at],
      high: values[at] + factor * errors[at],
      p: p[row],
      holm: holm[row],
      benjaminiHochberg: falseDiscovery[row],
      detectable: detectable * errors[at],
    }),
  );
  return new ModesTest(tested, {
    method: "t",
    level,
    leastP: 0,
    blocks: undefined,
    resamples: undefined,
    degrees: known,
  });
}

/**
 * Degrees of freedom of the standard errors; of the regression on pairs, its rows, those of two units or more on either
 * side, less its unknowns; infinite where they are all that there are. Undefined where not known.
 */
function freedomOf({ provenance, units }: Interactions): number | undefined {
  const { pairs, unknowns } = provenance;
  if (typeof pairs !== "number" || typeof unknowns !== "number") {
    const degrees = degreesOfFreedom(provenance);
    return degrees === Number.POSITIVE_INFINITY && provenance.standard_error_over === undefined ? undefined : degrees;
  }
  // All pairs of coalitions were played: nothing of them is sampled.
  if (pairs === allPairs(units.length)) return Number.POSITIVE_INFINITY;
  return Math.max(1, pairs - units.length - unknowns);
}
