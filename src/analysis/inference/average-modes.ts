import { invalid, wrongKind } from "../../errors.js";
import { canonicalJson } from "../../json.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { packageVersion } from "../../version.js";

/**
 * The mean of several results of the same units and outputs, each an independent block: runs of other seeds (of
 * `leverage` too, which has no blocks), other sets of inputs, other trained networks, other subjects. Standard errors,
 * tests and intervals are then over these, and say what would hold for more of them.
 *
 * @param results at least two; every one counts alike
 * @throws RangeError for fewer than two, other units or shapes, and the same run twice; TypeError for what is no
 *   ShapleyModes
 * @example
 * const runs = await Promise.all([1, 2, 3, 4].map((seed) => shapley(game, { estimator: "leverage", seed })));
 * await testModes(averageModes(runs), { method: "t" });
 */
export function averageModes(results: readonly ShapleyModes[]): ShapleyModes {
  if (!Array.isArray(results)) throw wrongKind("results", "a list of ShapleyModes", results);
  const odd = (results as readonly unknown[]).find((result) => !(result instanceof ShapleyModes));
  if (odd !== undefined) throw wrongKind("results", "a list of ShapleyModes", odd);
  if (results.length < 2) throw invalid("results", "at least two", results.length);
  const [first] = results;
  const seen = new Map<string, number>();
  results.forEach((result, r) => {
    if (result.units.join("\n") !== first.units.join("\n")) {
      throw invalid(`units of result ${r}`, "those of the first, in their order", result.units);
    }
    if (result.outputShape.join() !== first.outputShape.join()) {
      throw invalid(
        `output shape of result ${r}`,
        `that of the first, [${first.outputShape.join(", ")}]`,
        result.outputShape,
      );
    }
    const twin = seen.get(keyOf(result));
    if (twin !== undefined && result.values.every((value: number, i: number) => value === results[twin].values[i])) {
      throw invalid(
        `result ${r}`,
        "another one than those before it: the same run counts once",
        `that of number ${twin}`,
      );
    }
    seen.set(keyOf(result), r);
  });
  const { units } = first;
  const size = first.values.length;
  const blocks = new Float64Array(results.length * size);
  results.forEach((result, r) => {
    blocks.set(result.values, r * size);
  });
  const values = meansOf(results.map((result) => result.values));
  const means = results.map((result) => result.meanOverOutputs().values);
  const ends = (name: "vAll" | "vNone") => {
    const known = results.map((result) => result[name]).filter((end) => end !== undefined);
    return known.length === results.length ? meansOf(known) : undefined;
  };
  return new ShapleyModes({
    units,
    outputShape: first.outputShape,
    values,
    standardErrors: errorsOf(
      results.map((result) => result.values),
      values,
    ),
    meanStandardErrors: errorsOf(means, meansOf(means)),
    vAll: ends("vAll"),
    vNone: ends("vNone"),
    blocks: { samples: new Float64Array(results.length).fill(1), values: blocks },
    provenance: {
      averaged: results.map(({ provenance }) => provenance),
      runs: results.length,
      standard_error_over: "run",
      version: packageVersion,
    },
  });
}

function keyOf({ provenance }: ShapleyModes): string {
  const { estimator = null, seed = null, game = null } = provenance;
  return canonicalJson({ estimator, game, seed }, 0);
}

function meansOf(lists: readonly Float64Array[]): Float64Array {
  return lists[0].map((_, i) => lists.reduce((sum, list) => sum + list[i], 0) / lists.length);
}

function errorsOf(lists: readonly Float64Array[], means: Float64Array): Float64Array {
  const { length } = lists;
  return means.map((mean, i) => {
    const squares = lists.reduce((sum, list) => sum + (list[i] - mean) ** 2, 0);
    return Math.sqrt(squares / (length - 1) / length);
  });
}
