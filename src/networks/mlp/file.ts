import { resolve } from "node:path";
import { FileError, invalid, oneOf } from "../../errors.js";
import { sha256, writeWhole } from "../../files.js";
import {
  checkWeightsName,
  formatSafetensors,
  type SaveWeightsOptions,
  saveWeightsOptionNames,
} from "../../formats/safetensors.js";
import type { DenseTensor } from "../../formats/tensor.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type BackendName, backendNames } from "../../tensors/backend.js";
import {
  type ActivationOptions,
  activationOptionNames,
  activationRule,
  activationText,
  forAll,
  type GivenSlopes,
  givenSlopes,
} from "./activation.js";
import { fileLayers, layersAs, layersInOrder } from "./layer-order.js";
import { type Mlp, mlpNetwork } from "./mlp.js";
import { type ModuleOrder, moduleOrder } from "./module-order.js";
import { readWeights, type Weights } from "./weights.js";

/** How a file is read. */
export interface LoadMlpOptions extends ActivationOptions {
  /**
   * Names of the layers from the inputs to the logits, e.g. `["fc1", "fc2", "out"]`; default: as a whole module says
   * them, else the only order in which they fit together; where there are several, by the numbers in their names.
   */
  readonly layers?: readonly string[] | undefined;
  /**
   * Python classes of one's own, such as `mynets.Classifier`, that a whole module in a .pt file may be made of. Nothing
   * of them is executed: their dense layers are taken as those of a state dict are, so the activation is to be given,
   * and activations in them have to be that one.
   */
  readonly classes?: readonly string[];
  /** Which tensor backend computes it; default the one in use, else the best (see `loadTensorflow`). */
  readonly backend?: BackendName;
}

/** The names of `LoadMlpOptions`. */
export const loadMlpOptionNames: OptionNames<LoadMlpOptions> = {
  ...activationOptionNames,
  layers: true,
  classes: true,
  backend: true,
};

/**
 * Reads a network of any number of hidden layers from a PyTorch .pt file (a whole module such as an nn.Sequential, or a
 * state dict) or a .safetensors file: each layer a `weight` `[out, in]` and perhaps a `bias` `[out]`, else 0. Nothing
 * in the file is executed. The modules of an nn.Sequential are read in order: ReLU and LeakyReLU between dense layers,
 * dropout as in `eval()`.
 *
 * @throws FileError for a file that is absent, damaged, of another kind, not made of dense layers that fit together,
 *   computes something else besides, or does not say its activation where `activation` is not given; RangeError for
 *   options that contradict each other
 */
export async function loadMlp(path: string, options: LoadMlpOptions = {}): Promise<Mlp> {
  knownOptions("loadMlp", options, loadMlpOptionNames);
  const given = givenSlopes(options);
  if (options.backend !== undefined) oneOf("tensor backend", backendNames, options.backend);
  const weights = await readWeights(path, options.classes);
  const order = weights.module && moduleOrder(weights.module, path, options.classes ?? []);
  const found = fileLayers(weights.tensors, path);
  if (order?.layers && options.layers && order.layers.join() !== options.layers.join()) {
    throw new FileError(
      path,
      `computes its layers as ${order.layers.join(", ")}; ${options.layers.join(", ")} asked for`,
    );
  }
  const wanted = order?.layers ?? options.layers;
  const layers = wanted ? layersAs(found, wanted, path) : layersInOrder(found, path);
  return mlpNetwork(
    layers.map(({ weight, bias }) => ({
      weights: weight.data,
      biases: bias?.data ?? new Float32Array(weight.shape[0]),
    })),
    slopesFor(layers.length - 1, weights, order, given, path),
    {
      sha256: sha256(weights.bytes),
      source: { from: resolve(path), options },
      ...(options.backend && { tensorBackend: options.backend }),
    },
  );
}

/**
 * Writes a network as a safetensors file, whole or not at all: `hidden.weight`, `hidden.bias`, `output.weight`,
 * `output.bias`, or of more hidden layers `layers.0.weight` and so on; the slopes of its leaky ReLUs in the metadata.
 *
 * @param options.dtype default F32, which loses nothing; F16 takes half the space
 * @returns checksum of the file
 * @throws RangeError for a name that does not end in .safetensors, by which files are told apart when they are read
 */
export function saveMlp(
  mlp: Pick<Mlp, "layers" | "negativeSlopes">,
  path: string,
  options: SaveWeightsOptions = {},
): string {
  knownOptions("saveMlp", options, saveWeightsOptionNames);
  checkWeightsName(path);
  const bytes = mlpBytes(mlp, options);
  writeWhole(path, bytes);
  return sha256(bytes);
}

/** The bytes of the file that {@link saveMlp} writes. */
export function mlpBytes(
  { layers, negativeSlopes }: Pick<Mlp, "layers" | "negativeSlopes">,
  { dtype = "F32", metadata = {} }: SaveWeightsOptions = {},
): Uint8Array {
  const tensors = new Map<string, DenseTensor>();
  layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    const name = layers.length === 2 ? ["hidden", "output"][l] : `layers.${l}`;
    tensors.set(`${name}.weight`, { shape: [outputs, inputs], data: weights });
    tensors.set(`${name}.bias`, { shape: [outputs], data: biases });
  });
  const text = { ...metadata, negative_slope: negativeSlopes.join(",") };
  return formatSafetensors(tensors, { dtype, metadata: text });
}

/**
 * The slopes that the file says, else those that are given. @throws FileError where there are none, or both and not the
 * same
 */
function slopesFor(
  hidden: number,
  { module, negativeSlopes }: Weights,
  order: ModuleOrder | undefined,
  given: GivenSlopes,
  path: string,
): readonly number[] {
  if (given && given.length !== 1 && given.length !== hidden) {
    throw invalid("activation", `one, or one for each of ${hidden} hidden layers`, activationText(given));
  }
  const asked = given && forAll(given, hidden);
  const said = order?.layers ? order.slopes : negativeSlopes && forAll(negativeSlopes, hidden);
  if (said && said.length !== hidden) {
    throw new FileError(path, `says ${said.length} activations for ${hidden} hidden layers`);
  }
  const within = order?.layers ? [] : (order?.slopes ?? []);
  const other = said
    ? asked && activationText(asked) !== activationText(said)
    : within.some((x) => !asked?.includes(x));
  if (asked && other) {
    throw new FileError(path, `has ${activationText(said ?? within)}; ${activationText(asked)} was asked for`);
  }
  const found = said ?? asked;
  if (found) return found;
  const what = module
    ? `is a ${module.shortName.slice(0, 80)}, whose code is not in the file`
    : "does not say its activation";
  throw new FileError(path, `${what}; say it as the option activation (--activation): ${activationRule}`);
}
