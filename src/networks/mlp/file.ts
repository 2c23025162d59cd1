import { FileError } from "../../errors.js";
import { sha256, writeWhole } from "../../files.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { formatSafetensors, type SaveWeightsOptions, saveWeightsOptionNames } from "../formats/safetensors.js";
import type { DenseTensor } from "../formats/tensor.js";
import { mlpFromDeep } from "./deep.js";
import { type LoadDeepMlpOptions, loadDeepMlp } from "./deep-file.js";
import type { Mlp } from "./mlp.js";

/** How a file is read. */
export interface LoadMlpOptions extends Omit<LoadDeepMlpOptions, "negativeSlope"> {
  /** The activation as a number, the slope of the leaky ReLU below 0: 0 is a ReLU. */
  readonly negativeSlope?: number;
}

/** The names of `LoadMlpOptions`. */
export const loadMlpOptionNames: OptionNames<LoadMlpOptions> = {
  activation: true,
  layers: true,
  classes: true,
  negativeSlope: true,
};

/**
 * Reads a network of one hidden layer from a PyTorch .pt file (a whole module or a state dict) or a .safetensors file:
 * two layers, each a `weight` `[out, in]` and perhaps a `bias` `[out]`, the first one's outputs as many as the second's inputs.
 * Nothing in the file is executed.
 *
 * @throws FileError, RangeError as {@link loadDeepMlp} does, and for a network of more hidden layers
 */
export async function loadMlp(path: string, options: LoadMlpOptions = {}): Promise<Mlp> {
  knownOptions("loadMlp", options, loadMlpOptionNames);
  const network = await loadDeepMlp(path, options);
  const hidden = network.layers.length - 1;
  if (hidden !== 1) {
    throw new FileError(path, `has ${hidden} hidden layers; one was expected, loadDeepMlp reads deeper networks`);
  }
  return mlpFromDeep(network);
}

/**
 * Writes a network as a safetensors file, whole or not at all. The slope of its leaky ReLU goes into the metadata.
 *
 * @param dtype default F32, which loses nothing; F16 takes half the space
 * @returns checksum of the file
 */
export function saveMlp(path: string, mlp: Mlp, options: SaveWeightsOptions = {}): string {
  knownOptions("saveMlp", options, saveWeightsOptionNames);
  const { dtype = "F32", metadata = {} } = options;
  const tensors = new Map<string, DenseTensor>([
    ["hidden.weight", { shape: [mlp.hidden, mlp.inputs], data: mlp.hiddenWeights }],
    ["hidden.bias", { shape: [mlp.hidden], data: mlp.hiddenBiases }],
    ["output.weight", { shape: [mlp.outputs, mlp.hidden], data: mlp.outputWeights }],
    ["output.bias", { shape: [mlp.outputs], data: mlp.outputBiases }],
  ]);
  const text = { ...metadata, negative_slope: String(mlp.negativeSlope) };
  const bytes = formatSafetensors(tensors, { dtype, metadata: text });
  writeWhole(path, bytes);
  return sha256(bytes);
}
