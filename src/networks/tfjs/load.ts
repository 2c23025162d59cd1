import { dirname, join, resolve } from "node:path";
import type { io } from "@tensorflow/tfjs";
import { FileError } from "../../errors.js";
import { readBytes, sha256 } from "../../files.js";
import { loadTensorflow } from "../../tensors/backend.js";
import type { Network } from "../network.js";
import { graphNetwork, layersNetwork } from "./models.js";
import type { TfjsOptions } from "./tfjs-network.js";

/**
 * Reads a TensorFlow.js model from its `model.json` and the weight files beside it: a LayersModel (see `layersNetwork`) or
 * a GraphModel (see `graphNetwork`).
 *
 * @throws FileError for a file that is absent, damaged or of another kind
 */
export async function loadTfjs(path: string, options: TfjsOptions = {}): Promise<Network> {
  const { tf, backend } = await loadTensorflow(options.backend);
  const text = readBytes(path);
  const stored = parse(text, path);
  const manifest = stored.weightsManifest ?? [];
  const files = manifest.flatMap((group) => group.paths).map((name) => readBytes(join(dirname(path), name)));
  const weights = Buffer.concat(files);
  const expected = manifest.flatMap((group) => group.weights).reduce((sum, weight) => sum + bytesOf(weight), 0);
  if (weights.length < expected) {
    throw new FileError(path, `its weight files hold ${weights.length} bytes; ${expected} were expected`);
  }
  const artifacts: io.ModelArtifacts = {
    ...(stored as io.ModelArtifacts),
    weightSpecs: manifest.flatMap((group) => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength) as ArrayBuffer,
  };
  const withChecksum = { sha256: sha256(Buffer.concat([text, weights])), ...options };
  try {
    const network =
      stored.format === "graph-model"
        ? await graphNetwork(await tf.loadGraphModel(tf.io.fromMemory(artifacts)), withChecksum)
        : await layersNetwork(await tf.loadLayersModel(tf.io.fromMemory(artifacts)), withChecksum);
    // Another thread takes the very backend that answered here.
    return { ...network, source: { from: resolve(path), options: { ...options, backend } } };
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new FileError(path, `can not be used as a model (${(cause as Error).message})`, { cause });
  }
}

function parse(text: Buffer, path: string): Partial<io.ModelJSON> {
  try {
    const stored = JSON.parse(text.toString("utf8")) as Partial<io.ModelJSON> | null;
    if (stored?.modelTopology) return stored;
  } catch (cause) {
    throw new FileError(path, `is not a TensorFlow.js model.json (${(cause as Error).message})`, { cause });
  }
  throw new FileError(path, "is not a TensorFlow.js model.json: it has no modelTopology");
}

function bytesOf({ shape, dtype, quantization }: io.WeightsManifestEntry): number {
  const bytes = { float32: 4, int32: 4, complex64: 8, uint8: 1, uint16: 2, float16: 2, bool: 1, string: 0 };
  return shape.reduce((product, length) => product * length, bytes[quantization?.dtype ?? dtype]);
}
