import { FileError } from "../../errors.js";
import { sha256, writeWhole } from "../../files.js";
import { formatSafetensors } from "../formats/safetensors.js";
import type { DenseTensor, Dtype, NamedTensors } from "../formats/tensor.js";
import { type DeepMlp, deepMlp } from "./deep.js";
import type { LoadMlpOptions } from "./file.js";
import { readWeights, type Weights } from "./weights.js";

/** How a file is read. */
export interface LoadDeepMlpOptions extends Omit<LoadMlpOptions, "negativeSlope"> {
  /**
   * Slopes below 0 of the leaky ReLUs, one for all hidden layers or one for each, where the file does not say them; default
   * 0.01 for a state dict or safetensors file. 0 for a network of ReLUs.
   */
  readonly negativeSlope?: number | readonly number[];
  /**
   * Names of the layers from the inputs to the logits, e.g. `["fc1", "fc2", "out"]`; default: their order in the file (.pt)
   * or by their names (.safetensors, which keeps no order), whichever of the two fits together.
   */
  readonly layers?: readonly string[];
}

/**
 * Reads a network of any number of hidden layers from a PyTorch .pt file (a whole module such as an nn.Sequential, or a state
 * dict) or a .safetensors file: each layer a `weight` `[out, in]` and perhaps a `bias` `[out]`, else 0. Nothing in the file
 * is executed.
 *
 * @throws FileError for a file that is absent, damaged, of another kind, or not made of dense layers that fit together
 */
export async function loadDeepMlp(path: string, options: LoadDeepMlpOptions = {}): Promise<DeepMlp> {
  const weights = await readWeights(path, options.classes);
  const layers = orderedLayers(weights.tensors, path, options.layers);
  const network = deepMlp(
    layers.map(({ weight, bias }) => ({
      weights: weight.data,
      biases: bias?.data ?? new Float32Array(weight.shape[0]),
    })),
    slopes(weights, layers.length - 1, path, options.negativeSlope),
  );
  return { ...network, sha256: sha256(weights.bytes) };
}

/**
 * Writes a network as a safetensors file, whole or not at all: `layers.0.weight`, `layers.0.bias` and so on, the slopes of its
 * leaky ReLUs in the metadata.
 *
 * @param dtype default F32, which loses nothing; F16 takes half the space
 * @returns checksum of the file
 */
export function saveDeepMlp(
  path: string,
  network: DeepMlp,
  { dtype = "F32", metadata = {} }: { dtype?: Dtype; metadata?: Readonly<Record<string, string>> } = {},
): string {
  const tensors = new Map<string, DenseTensor>();
  network.layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    tensors.set(`layers.${l}.weight`, { shape: [outputs, inputs], data: weights });
    tensors.set(`layers.${l}.bias`, { shape: [outputs], data: biases });
  });
  const text = { ...metadata, negative_slope: network.negativeSlopes.join(",") };
  const bytes = formatSafetensors(tensors, { dtype, metadata: text });
  writeWhole(path, bytes);
  return sha256(bytes);
}

interface Layer {
  readonly name: string;
  readonly weight: DenseTensor;
  readonly bias: DenseTensor | undefined;
}

function orderedLayers(tensors: NamedTensors, path: string, wanted: readonly string[] | undefined): Layer[] {
  const layers: Layer[] = [];
  for (const [name, weight] of tensors) {
    const match = /^(?:(.*)\.)?weight$/.exec(name);
    if (match) layers.push({ name: match[1] ?? "", weight, bias: tensors.get(name.replace(/weight$/, "bias")) });
  }
  const parts = layers.reduce((sum, { bias }) => sum + (bias ? 2 : 1), 0);
  const shapes = [...tensors].map(([name, { shape }]) => `${name} [${shape.join(", ")}]`);
  const held = shapes.length === 0 ? "no tensors" : shapes.slice(0, 8).join(", ") + (shapes.length > 8 ? ", ..." : "");
  const rule = "dense layers were expected, at least two, each a weight [out, in] and perhaps a bias [out]";
  if (parts !== tensors.size || layers.length < 2 || !layers.every(isDense)) {
    throw new FileError(path, `holds ${held}; ${rule}`);
  }
  const byName = [...layers].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const asWanted = wanted?.map((name) => layers.find((layer) => layer.name === name));
  if (asWanted && (asWanted.includes(undefined) || new Set(asWanted).size !== layers.length)) {
    throw new FileError(
      path,
      `holds the layers ${layers.map(({ name }) => name).join(", ")}; ${wanted?.join(", ")} asked for`,
    );
  }
  const orders = asWanted ? [asWanted as Layer[]] : path.endsWith(".safetensors") ? [byName, layers] : [layers, byName];
  const order = orders.find((list) => list.every((layer, l) => l === 0 || feeds(list[l - 1], layer)));
  if (!order) throw new FileError(path, `holds ${held}; each layer's outputs are to be the next one's inputs`);
  return order;
}

function isDense({ weight, bias }: Layer): boolean {
  const { shape, data } = weight;
  return shape.length === 2 && data.length > 0 && (!bias || (bias.shape.length === 1 && bias.shape[0] === shape[0]));
}

function feeds(first: Layer, second: Layer): boolean {
  return second.weight.shape[1] === first.weight.shape[0];
}

/** The slopes that the file says where it says as many as there are hidden layers (or one for all, in safetensors). */
function slopes(
  { negativeSlopes: said }: Weights,
  hidden: number,
  path: string,
  given: number | readonly number[] | undefined,
): number | readonly number[] {
  if (said?.length === hidden) return said;
  if (said?.length === 1 && path.endsWith(".safetensors")) return said[0];
  if (given !== undefined) return given;
  if (said === undefined) return 0.01;
  const count = `${said.length} activation${said.length === 1 ? "" : "s"} for ${hidden} hidden layers`;
  throw new FileError(path, `has ${count}; say negativeSlope where one is behind each hidden layer`);
}
