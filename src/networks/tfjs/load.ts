import { resolve } from "node:path";
import { FileError, isOurs } from "../../errors.js";
import { knownOptions } from "../../options.js";
import { loadTensorflow, type Tensorflow } from "../../tensors/backend.js";
import type { io } from "../../tensors/tensorflow.js";
import type { Network } from "../network.js";
import { graphPlan } from "./graph-model.js";
import type { Signature } from "./graph-signature.js";
import { loadLayers } from "./layers-topology.js";
import { oneLine, readModelFile } from "./model-file.js";
import { graphNetwork, layersNetwork } from "./models.js";
import type { TfjsOptions } from "./tfjs-network.js";
import { tfjsOptionNames } from "./tfjs-network.js";

/**
 * Reads a TensorFlow.js model from its `model.json` and the weight files beside it: a LayersModel (see
 * `layersNetwork`), also of Keras 3, or a GraphModel (see `graphNetwork`).
 *
 * @throws FileError for a file that is absent, damaged or of another kind
 * @throws RangeError for a model that can not be computed exactly, naming what stands in the way; for options that do
 *   not fit
 */
export async function loadTfjs(path: string, options: TfjsOptions = {}): Promise<Network> {
  knownOptions("loadTfjs", options, tfjsOptionNames);
  const { artifacts, sha256 } = readModelFile(path);
  const { tf, backend } = await loadTensorflow(options.backend);
  const withChecksum = { sha256, ...options };
  try {
    const network =
      artifacts.format === "graph-model" || (artifacts.modelTopology as { node?: unknown }).node !== undefined
        ? await graphNetwork(await loadGraph(tf, artifacts), withChecksum)
        : await layersNetwork(await loadLayers(tf, artifacts), withChecksum);
    // Another thread takes the very backend that answered here.
    return { ...network, source: { from: resolve(path), options: { ...options, backend } } };
  } catch (cause) {
    // JavaScript's own RangeErrors (stack, array length) say nothing of the model, and its names may be of any length.
    if (cause instanceof FileError || (isOurs(cause) && cause.message.length <= 600)) throw cause;
    throw new FileError(path, `can not be used as a model (${oneLine(cause)})`, { cause });
  }
}

/** A GraphModel, once it is clear that its graph holds together. */
function loadGraph(tf: Tensorflow, artifacts: io.ModelArtifacts) {
  const { signature } = (artifacts.userDefinedMetadata ?? {}) as { signature?: Signature };
  const names = new Set((artifacts.weightSpecs ?? []).map(({ name }) => name));
  graphPlan(artifacts.modelTopology, signature ?? (artifacts.signature as Signature | undefined), names);
  return tf.loadGraphModel(tf.io.fromMemory(artifacts));
}
