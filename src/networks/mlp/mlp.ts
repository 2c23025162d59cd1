import { invalid } from "../../errors.js";
import { type BackendName, backendInUse, loadTensorflow } from "../../tensors/backend.js";
import type { InputRows, Network, NetworkSource, PreparedNetwork, Site, SiteLesion } from "../network.js";
import { siteFrom } from "../shapes.js";
import { tfjsNetwork } from "../tfjs/tfjs-network.js";
import { type DenseLayer, denseGraph, denseLayers } from "./dense.js";

/**
 * A network of dense layers with a leaky ReLU after each but the last; the paper's classifiers of MNIST are 784 -> n
 * -> 10. Its sites are its hidden layers: `hidden`, or where there are several `hidden1`, `hidden2`, ... Hidden layer l
 * is what comes out of `layers[l - 1]` and its activation.
 */
export interface Mlp extends Network {
  /** From the inputs to the logits; one more than there are hidden layers, so at least two. */
  readonly layers: readonly DenseLayer[];
  /** Slope below 0 of the leaky ReLU of each hidden layer: 0 for a ReLU, 1 for the identity; the paper's is 0.01. */
  readonly negativeSlopes: readonly number[];
  /** Which tensor backend computes it; undefined for the one in use, else the best. */
  readonly tensorBackend?: BackendName | undefined;
}

/** Where a network of dense layers is from, and what is to compute it. */
export type MlpOrigin = Pick<Mlp, "tensorBackend"> & { readonly sha256?: string; readonly source?: NetworkSource };

/** What all networks of dense layers have in common. */
const face = {
  kind: "dense layers",
  mostRows: undefined,
  hidden: new Map<string, string>(),
  rowByRow(this: Mlp): Mlp {
    return { ...this, mostRows: 1 };
  },
  async activations(this: Mlp, inputs: InputRows, sites: readonly Site[]): Promise<Float32Array[]> {
    return (await onTensors(this)).activations(inputs, sites);
  },
  async prepare(
    this: Mlp,
    inputs: InputRows,
    lesions: readonly SiteLesion[],
    output: string,
  ): Promise<PreparedNetwork> {
    return (await onTensors(this)).prepare(inputs, lesions, output);
  },
};

/**
 * A network of dense layers, checked.
 *
 * @param layers weights `[outputs, inputs]` and biases `[outputs]` of each, from the inputs to the logits
 * @param negativeSlope slope below 0 of the leaky ReLU, one for all hidden layers or one for each; default 0.01
 * @param origin default: it was made in memory
 * @throws RangeError where a layer does not fit the one before it, or there are fewer than two
 * @example
 * const network = mlpNetwork([
 *   { weights: new Float32Array(6), biases: new Float32Array(3) }, // 2 inputs, 3 hidden units
 *   { weights: new Float32Array(3), biases: new Float32Array(1) }, // 1 output
 * ]);
 * sites(network).map(({ units }) => units); // [2, 3]
 */
export function mlpNetwork(
  layers: readonly Pick<DenseLayer, "weights" | "biases">[],
  negativeSlope: number | readonly number[] = 0.01,
  origin: MlpOrigin = {},
): Mlp {
  const checked = denseLayers(layers);
  const hidden = checked.length - 1;
  const slopes = typeof negativeSlope === "number" ? new Array<number>(hidden).fill(negativeSlope) : negativeSlope;
  if (slopes.length !== hidden || !slopes.every(Number.isFinite)) {
    throw invalid("negativeSlope", `a number, or one for each of ${hidden} hidden layers`, negativeSlope);
  }
  const { sha256, source, tensorBackend } = origin;
  const input = siteFrom("input", "input", [checked[0].inputs], 0);
  const hiddenLayers = slopes.map((slope, l) => {
    const name = hidden === 1 ? "hidden" : `hidden${l + 1}`;
    const activation = slope === 0 ? "ReLU" : slope === 1 ? "identity" : `leaky ReLU (${slope})`;
    return siteFrom(name, `Dense, ${activation}`, [checked[l].outputs], 0);
  });
  return {
    ...face,
    layers: checked,
    negativeSlopes: [...slopes],
    inputs: [{ name: "input", shape: [checked[0].inputs] }],
    outputs: [{ name: "logits", shape: [checked[hidden].outputs] }],
    sites: [input, ...hiddenLayers],
    usualSites: hiddenLayers.map(({ name }) => name),
    get backend() {
      return tensorBackend ?? backendInUse() ?? "none yet";
    },
    sha256,
    ...(source && { source }),
    ...(tensorBackend && { tensorBackend }),
  };
}

/** The hidden layers of a network of dense layers: all sites but the input. */
export function hiddenSites({ sites }: Mlp): readonly Site[] {
  return sites.slice(1);
}

/** Whether a network is one of dense layers. */
export function isMlp(network: Network): network is Mlp {
  return "negativeSlopes" in network;
}

/** Widths of a network of one hidden layer. */
export interface MlpSize {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Hidden units, the n of the paper. */
  readonly hidden: number;
  /** Numbers in the output: the logits of the classes. */
  readonly outputs: number;
}

/** How many parameters a network of this size has. */
export function parameterCount({ inputs, hidden, outputs }: MlpSize): number {
  return hidden * inputs + hidden + outputs * hidden + outputs;
}

/**
 * A network of one hidden layer whose parameters are the consecutive parts of one array: the hidden layer's weights
 * `[hidden, inputs]` and biases, the output's weights `[outputs, hidden]` and biases. Copies them.
 */
export function mlpFromParameters(size: MlpSize, parameters: ArrayLike<number>, negativeSlope = 0.01): Mlp {
  const { inputs, hidden, outputs } = size;
  let start = 0;
  const next = (length: number) => {
    const part = Float32Array.from({ length }, (_, i) => parameters[start + i]);
    start += length;
    return part;
  };
  return mlpNetwork(
    [
      { weights: next(hidden * inputs), biases: next(hidden) },
      { weights: next(outputs * hidden), biases: next(outputs) },
    ],
    negativeSlope,
  );
}

/** Widths from the inputs to the logits, e.g. `784-100-50-10`. */
export function widthsText({ layers }: Pick<Mlp, "layers">): string {
  return [layers[0].inputs, ...layers.map(({ outputs }) => outputs)].join("-");
}

/** The same network of the tensors of TensorFlow.js. */
async function onTensors({ kind, outputs, sites, layers, negativeSlopes, tensorBackend, mostRows }: Mlp) {
  const { tf, backend } = await loadTensorflow(tensorBackend);
  const names = [...sites, ...outputs].map(({ name }) => name);
  const network = await tfjsNetwork(kind, denseGraph(tf, names, layers, negativeSlopes), { backend });
  return mostRows === 1 ? network.rowByRow() : network;
}
