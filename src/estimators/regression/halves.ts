import { type Coalitions, wordsPerCoalition } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";
import type { Steps } from "../../pace.js";
import type { UnitMeans } from "../estimator.js";
import { designOf } from "./design.js";
import { estimateByRegression } from "./estimate.js";
import { everyOther, type Targets } from "./targets.js";

/**
 * Two estimates from every other pair each, averaged over the outputs. Sizes are spread evenly over the pairs, so each
 * half is a smaller sample of the same kind. Terms are taken by rule, without triples.
 *
 * @param total v(all) - v(none), `[outputs]`
 */
export function* halvesByRegression(
  pairs: ComplementPairs,
  targets: Targets,
  total: Float64Array,
): Steps<readonly [UnitMeans, UnitMeans]> {
  return [yield* halfOf(pairs, targets, total, 0), yield* halfOf(pairs, targets, total, 1)];
}

function* halfOf(
  { sets, sizes, expected, inclusion }: ComplementPairs,
  targets: Targets,
  total: Float64Array,
  first: number,
): Steps<UnitMeans> {
  const { units } = sets;
  const outputs = total.length;
  const width = wordsPerCoalition(units);
  const own = Array.from(sizes.keys()).filter((pair) => pair % 2 === first && pair < targets.pairs);
  const half: Coalitions = { count: own.length, units, words: new Uint32Array(own.length * width) };
  own.forEach((pair, at) => {
    half.words.set(sets.words.subarray(pair * width, (pair + 1) * width), at * width);
  });
  const sample: ComplementPairs = {
    sets: half,
    sizes: Uint32Array.from(own, (pair) => sizes[pair]),
    expected: expected.map((mean) => mean / 2),
    inclusion: inclusion.map((share) => share / 2),
    complete: false,
  };
  const { values } = yield* estimateByRegression(designOf(sample), everyOther(targets, first), total, "brief");
  const means = Float64Array.from({ length: units }, (_, u) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += values[u * outputs + o];
    return sum / outputs;
  });
  return { samples: own.length, means };
}
