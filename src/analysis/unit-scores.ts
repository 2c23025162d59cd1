import type { LabelledInputs } from "../datasets/inputs.js";
import { wrongKind } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import { gameInputs } from "../lesion/game-inputs.js";
import { type NamedSites, namedSites } from "../lesion/named-sites.js";
import { rowsBetween } from "../networks/input-rows.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import type { Network, NetworkInputs, Site } from "../networks/network.js";
import { shapeSize } from "../shape-size.js";

/** One number for each unit, to rank units by. */
export interface UnitScores {
  readonly units: readonly string[];
  /** `[units]` */
  readonly values: Float64Array;
}

/**
 * The magnitude of every hidden unit of a network of dense layers: its mean |incoming weight| and mean |outgoing
 * weight|, averaged (the paper's figure A5; what magnitude pruning ranks by). Units as `mlpGame` names them.
 *
 * @example
 * unitMagnitudes(await checkpoint({ width: 10, regulariser: "l1", trial: 0 })).values[0];
 */
export function unitMagnitudes(mlp: Mlp): UnitScores {
  if (!Array.isArray(mlp?.layers)) throw wrongKind("network", "a network of dense layers, as loadMlp gives one", mlp);
  const hidden = mlp.layers.length - 1;
  const units: string[] = [];
  const values: number[] = [];
  for (let l = 0; l < hidden; l++) {
    const [before, behind] = [mlp.layers[l], mlp.layers[l + 1]];
    for (let unit = 0; unit < before.outputs; unit++) {
      let [incoming, outgoing] = [0, 0];
      for (let i = 0; i < before.inputs; i++) incoming += Math.abs(before.weights[unit * before.inputs + i]);
      for (let k = 0; k < behind.outputs; k++) outgoing += Math.abs(behind.weights[k * before.outputs + unit]);
      units.push(`hidden${hidden > 1 ? l + 1 : ""}/${unit}`);
      values.push((incoming / before.inputs + outgoing / behind.outputs) / 2);
    }
  }
  return { units, values: Float64Array.from(values) };
}

/** Inputs whose activations are taken at once hold at most so many numbers, 64 MB, unless a single one has more. */
const numbersAtOnce = 1 << 24;

/**
 * How strongly every unit is active: its mean |activation| over the inputs and, of a channel, over its positions. Units
 * as `networkGame` names them.
 *
 * @param inputs as for `networkGame`
 * @param options.sites as for `networkGame`
 * @throws TypeError, RangeError for what is no network, inputs that do not fit, and sites that there are not
 * @example
 * const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
 * const activity = await unitActivations(mlp, loadInputs("mnist-test:0-9"), { sites: ["hidden"] });
 */
export async function unitActivations(
  network: Network,
  inputs: NetworkInputs | LabelledInputs<Numbers>,
  options: { readonly sites: NamedSites },
): Promise<UnitScores> {
  if (typeof network?.activations !== "function")
    throw wrongKind("network", "a network, as loadOnnx gives one", network);
  const { rows } = gameInputs(network, inputs);
  const chosen = namedSites(network, options.sites);
  const perInput = chosen.reduce((sum, { site }) => sum + shapeSize(site.shape), 0);
  const atOnce = Math.max(1, Math.floor(numbersAtOnce / perInput));
  const sums = chosen.map(({ site }) => new Float64Array(site.units));
  for (let from = 0; from < rows.count; from += atOnce) {
    const to = Math.min(rows.count, from + atOnce);
    const part = rowsBetween(rows, from, to);
    const held = await network.activations(
      part,
      chosen.map(({ site }) => site),
    );
    held.forEach((values, s) => {
      addActivity(values, chosen[s].site, sums[s]);
    });
  }
  return {
    units: chosen.flatMap(({ label, site }) => Array.from({ length: site.units }, (_, u) => `${label}/${u}`)),
    values: Float64Array.from(
      chosen.flatMap(({ site }, s) =>
        Array.from(sums[s], (sum) => sum / ((rows.count * shapeSize(site.shape)) / site.units)),
      ),
    ),
  };
}

function addActivity(values: Float32Array, { shape, axis, units }: Site, sums: Float64Array): void {
  const numbers = shapeSize(shape);
  const behind = axis === undefined ? 1 : shapeSize(shape.slice(axis + 1));
  for (let i = 0; i < values.length; i++) sums[Math.floor((i % numbers) / behind) % units] += Math.abs(values[i]);
}
