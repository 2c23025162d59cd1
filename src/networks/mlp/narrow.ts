import { type Dtype, decodeNumbers, encodeNumbers } from "../../formats/tensor.js";
import { keptPlaces } from "../kept-places.js";
import type { Narrowed } from "../narrow.js";
import type { NarrowSite } from "../network.js";
import type { DenseLayer } from "./dense.js";
import { mlpBytes, saveMlp } from "./file.js";
import { hiddenSites, type Mlp, mlpNetwork } from "./mlp.js";

/**
 * A network of dense layers without some of its hidden units: their weights and biases go, and the weights behind them;
 * what they put out lesioned goes into the biases of the next layer. Its outputs are those of the lesioned network, but
 * for the rounding of sums in another order.
 */
export function narrowedMlp(mlp: Mlp, sites: readonly NarrowSite[]): Narrowed<Mlp> {
  const hidden = hiddenSites(mlp).map(({ name }) => sites.find(({ site }) => site.name === name));
  const layers = mlp.layers.map((layer, l) => narrowedLayer(layer, hidden[l - 1], hidden[l]?.kept));
  const { tensorBackend } = mlp;
  const network = mlpNetwork(layers, mlp.negativeSlopes, { ...(tensorBackend && { tensorBackend }) });
  return {
    network,
    before: sizeOf(mlp),
    after: sizeOf(network),
    save: (path) => saveMlp(network, path, { dtype: exactDtype(network) }),
  };
}

/**
 * The smallest format that loses none of its bits: F16 for what was stored in it, as long as lesions other than 0 have
 * not changed its biases.
 */
function exactDtype({ layers }: Mlp): Dtype {
  const numbers = layers.flatMap(({ weights, biases }) => [weights, biases]);
  const exact = (dtype: Dtype) =>
    numbers.every((array) => {
      const stored = decodeNumbers(encodeNumbers(array, dtype), dtype);
      return array.every((value, at) => Object.is(value, stored[at]));
    });
  return (["F16", "BF16"] as const).find(exact) ?? "F32";
}

/** Parameters, and bytes as `save` writes them. */
function sizeOf(mlp: Mlp) {
  const parameters = mlp.layers.reduce((sum, { weights, biases }) => sum + weights.length + biases.length, 0);
  return { parameters, bytes: mlpBytes(mlp, { dtype: exactDtype(mlp) }).byteLength };
}

/** @param rows which of its outputs stay; default all */
function narrowedLayer(
  { inputs, outputs, weights, biases }: DenseLayer,
  before: NarrowSite | undefined,
  rows: readonly number[] = Array.from({ length: outputs }, (_, row) => row),
): Pick<DenseLayer, "weights" | "biases"> {
  const columns = before?.kept ?? Array.from({ length: inputs }, (_, column) => column);
  const stays = new Set(columns);
  const gone = before
    ? Array.from({ length: inputs }, (_, column) => column).filter((column) => !stays.has(column))
    : [];
  const parts = [
    { axis: 0, kept: rows },
    { axis: 1, kept: columns },
  ];
  return {
    weights: keptPlaces(weights, [outputs, inputs], parts).values,
    biases: Float32Array.from(rows, (row) =>
      gone.reduce((sum, column) => sum + weights[row * inputs + column] * before!.constants[column], biases[row]),
    ),
  };
}
