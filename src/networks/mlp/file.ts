import { FileError } from "../../errors.js";
import { sha256, writeWhole } from "../../files.js";
import { formatSafetensors } from "../formats/safetensors.js";
import type { DenseTensor, Dtype, NamedTensors } from "../formats/tensor.js";
import type { Mlp } from "./mlp.js";
import { readWeights } from "./weights.js";

const deeper = "loadDeepMlp reads deeper ones";

/** How a file is read. */
export interface LoadMlpOptions {
  /** Slope of the leaky ReLU below 0, where the file does not say it (a state dict); default 0.01, the paper's. */
  readonly negativeSlope?: number;
  /**
   * Python classes, such as `mynets.Classifier`, that a whole module in a .pt file may be made of besides those known
   * to be harmless. Nothing of them is executed: their parameters and submodules are taken, in order.
   */
  readonly classes?: readonly string[];
}

/**
 * Reads a network of one hidden layer from a PyTorch .pt file (a whole module or a state dict) or a .safetensors file:
 * two layers, each a `weight` `[out, in]` and a `bias` `[out]`, the first one's outputs as many as the second's inputs.
 * Nothing in the file is executed.
 *
 * @throws FileError for a file that is absent, damaged, of another kind, or of another architecture
 */
export async function loadMlp(path: string, options: LoadMlpOptions = {}): Promise<Mlp> {
  const { bytes, tensors, negativeSlopes } = await readWeights(path, options.classes);
  if (negativeSlopes && negativeSlopes.length !== 1) {
    throw new FileError(
      path,
      `has ${negativeSlopes.length} activations; a network of one hidden layer has 1; ${deeper}`,
    );
  }
  const slope = negativeSlopes?.[0] ?? options.negativeSlope ?? 0.01;
  return { ...mlpFromTensors(tensors, slope, path), sha256: sha256(bytes) };
}

/**
 * Writes a network as a safetensors file, whole or not at all. The slope of its leaky ReLU goes into the metadata.
 *
 * @param dtype default F32, which loses nothing; F16 takes half the space
 * @returns checksum of the file
 */
export function saveMlp(
  path: string,
  mlp: Mlp,
  { dtype = "F32", metadata = {} }: { dtype?: Dtype; metadata?: Readonly<Record<string, string>> } = {},
): string {
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

function mlpFromTensors(tensors: NamedTensors, negativeSlope: number, path: string): Mlp {
  const names = [...tensors.keys()];
  const rule = `a network of one hidden layer was expected: two layers of a weight and a bias each`;
  const layers = names
    .filter((name) => /(^|\.)weight$/.test(name))
    .map((name) => ({ weight: tensors.get(name)!, bias: tensors.get(name.replace(/weight$/, "bias")) }));
  if (names.length !== 4 || layers.length !== 2)
    throw new FileError(path, `holds ${list(names)}; ${rule}${layers.length > 2 ? `; ${deeper}` : ""}`);
  const shapes = names.map((name) => `${name} [${tensors.get(name)!.shape.join(", ")}]`);
  const ordered = feeds(layers[0], layers[1]) ? layers : layers.reverse();
  const [hidden, output] = ordered;
  if (!feeds(hidden, output) || ordered.some(({ weight, bias }) => !fits(weight, bias))) {
    throw new FileError(path, `holds ${list(shapes)}; ${rule}, the first one's outputs being the second's inputs`);
  }
  return {
    inputs: hidden.weight.shape[1],
    hidden: hidden.weight.shape[0],
    outputs: output.weight.shape[0],
    hiddenWeights: hidden.weight.data,
    hiddenBiases: hidden.bias!.data,
    outputWeights: output.weight.data,
    outputBiases: output.bias!.data,
    negativeSlope,
  };
}

interface Layer {
  readonly weight: DenseTensor;
  readonly bias: DenseTensor | undefined;
}

function feeds(first: Layer, second: Layer): boolean {
  return first.weight.shape.length === 2 && second.weight.shape[1] === first.weight.shape[0];
}

function fits(weight: DenseTensor, bias: DenseTensor | undefined): boolean {
  return (
    weight.shape.length === 2 && weight.data.length > 0 && bias?.shape.length === 1 && bias.shape[0] === weight.shape[0]
  );
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "no tensors" : names.slice(0, 8).join(", ") + (names.length > 8 ? ", ..." : "");
}
