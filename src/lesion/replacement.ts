import { invalid, wrongKind } from "../errors.js";
import { type InputRows, inputRows, type Network, type NetworkInputs, type Site } from "../networks/network.js";
import { checkMean } from "./lesion.js";
import { checkActivationsApart } from "./network-passes.js";

/**
 * What takes the place of a lesioned unit's values in any network.
 * - `"zero"`: 0, the paper's lesion.
 * - `"mean"`: at every position the mean over the game's inputs, of which there must be two that differ; `{ mean: inputs }`: over
 *   a reference set.
 * - `{ activation: inputs }`: what the unit holds on another input: one for all, or as many as the game has, pair by pair. For
 *   the site `input` that is the other input itself.
 * - `{ constant: number }`.
 * - `{ background: inputs }`: what the unit holds on each of these inputs in turn; v(S) is the mean of the score over them. For the site
 *   `input` that is the value function of SHAP's interventional attributions (Lundberg and Lee 2017): its explainers with an Independent
 *   masker give the same numbers.
 */
export type NetworkLesion =
  | "zero"
  | "mean"
  | { readonly mean: NetworkInputs }
  | { readonly activation: NetworkInputs }
  | { readonly constant: number }
  | { readonly background: NetworkInputs };

/** What provenance says of a lesion, and the inputs that it looks at. */
export interface LesionPlan {
  readonly name: "zero" | "mean" | "activation" | "constant" | "background";
  readonly constant: number | undefined;
  /** Undefined for zero and constant. */
  readonly reference: InputRows | undefined;
}

/** Checks a lesion. @throws TypeError, RangeError for one that is none of those listed, or inputs that do not fit */
export function lesionPlan(lesion: NetworkLesion, network: Network, inputs: InputRows): LesionPlan {
  const rule =
    '"zero", "mean", { mean: inputs }, { activation: inputs }, { constant: number } or { background: inputs }';
  if (lesion === "zero") return { name: "zero", constant: undefined, reference: undefined };
  if (lesion === "mean") {
    checkMean(inputs, inputs);
    return { name: "mean", constant: undefined, reference: inputs };
  }
  if (lesion === null || typeof lesion !== "object") throw invalid("lesion", rule, lesion);
  if ("constant" in lesion) {
    if (typeof lesion.constant !== "number") throw wrongKind("lesion constant", "a number", lesion.constant);
    if (!Number.isFinite(lesion.constant)) throw invalid("lesion constant", "a finite number", lesion.constant);
    return { name: "constant", constant: lesion.constant, reference: undefined };
  }
  if ("mean" in lesion) {
    const reference = inputRows(network, lesion.mean, "lesion mean");
    checkMean(reference, inputs);
    return { name: "mean", constant: undefined, reference };
  }
  if ("background" in lesion) {
    return { name: "background", constant: undefined, reference: inputRows(network, lesion.background, "background") };
  }
  if ("activation" in lesion) {
    const reference = inputRows(network, lesion.activation, "lesion activation");
    if (reference.count !== 1 && reference.count !== inputs.count) {
      throw invalid("lesion activation", `one input, or ${inputs.count}, as many as the game has`, reference.count);
    }
    return { name: "activation", constant: undefined, reference };
  }
  throw invalid("lesion", rule, lesion);
}

/**
 * What lesioned units hold, for each site `[1, ...shape]`, or `[inputs, ...shape]` where it differs between inputs; for a background
 * `[background rows, ...shape]`.
 *
 * @throws RowsMix where rows change each other
 */
export async function replacementsOf(
  { name, constant, reference }: LesionPlan,
  network: Network,
  sites: readonly Site[],
): Promise<Float32Array[]> {
  const size = (site: Site) => site.shape.reduce((product, length) => product * length, 1);
  if (reference === undefined) return sites.map((site) => new Float32Array(size(site)).fill(constant ?? 0));
  const values = await network.activations(reference, sites);
  await checkActivationsApart(network, reference, sites, values);
  const replacements =
    name === "activation" || name === "background" ? values : values.map((rows, s) => meanRow(rows, size(sites[s])));
  replacements.forEach((replacement, s) => {
    const bad = replacement.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw invalid("lesion", `finite activations of the site ${sites[s].name}`, bad);
  });
  return replacements;
}

function meanRow(rows: Float32Array, size: number): Float32Array {
  const sums = new Float64Array(size);
  for (let i = 0; i < rows.length; i++) sums[i % size] += rows[i];
  return Float32Array.from(sums, (sum) => sum / (rows.length / size));
}
