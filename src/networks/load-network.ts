import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import type { BackendName } from "../tensors/backend.js";
import type { Network } from "./network.js";
import { loadOnnx } from "./onnx/load.js";
import type { FixedValue } from "./onnx/types.js";
import type { GivenShape, UnitAxis } from "./shapes.js";
import { loadTfjs } from "./tfjs/load.js";

/** Options of {@link loadNetwork}: those of `loadOnnx` and `loadTfjs`, as far as JSON can hold them. */
export interface NetworkFileOptions {
  /** Sizes of one row of the input, where the file leaves them open; by the inputs' names where there are several. */
  readonly shape?: GivenShape;
  /** Sizes to take where the file leaves some open and `shape` says none, such as those of the inputs at hand. */
  readonly usualShape?: GivenShape;
  /** Inputs that have the same value in every run, by name; ONNX only. */
  readonly fixed?: Readonly<Record<string, FixedValue>>;
  /** For sites whose units are not the channels: index of the axis, rows not counted, or "all". */
  readonly axes?: Readonly<Record<string, UnitAxis>>;
  /** What computes: a tensor backend (`loadTensorflow`), or for ONNX an execution provider such as "cpu" or "cuda". */
  readonly backend?: string;
  /** Threads of one operator; ONNX only; default ONNX Runtime's own choice. */
  readonly threads?: number;
  /**
   * Activations of a network of dense layers (.pt, .safetensors) whose file does not say them: `relu`, `leaky-relu:SLOPE` or
   * `identity`, as `loadDeepMlp` takes them. ONNX and TensorFlow.js files say theirs.
   */
  readonly activation?: string;
  /** Names of such a network's layers from the inputs to the logits, where the file does not tell their order. */
  readonly layers?: readonly string[];
}

/** The names of `NetworkFileOptions`. */
export const networkFileOptionNames: OptionNames<NetworkFileOptions> = {
  shape: true,
  usualShape: true,
  fixed: true,
  axes: true,
  backend: true,
  threads: true,
  activation: true,
  layers: true,
};

/** Which reader a file is for, by its name: `.onnx`, a TensorFlow.js `model.json`, else weights of an MLP. */
export function networkFormat(path: string): "onnx" | "tfjs" | "mlp" {
  if (/\.onnx$/i.test(path)) return "onnx";
  return /\.json$/i.test(path) ? "tfjs" : "mlp";
}

/**
 * Reads an ONNX file or a TensorFlow.js `model.json` as a network with named sites (see `loadOnnx`, `loadTfjs`).
 *
 * @throws FileError, RangeError, MissingPartError as these do; RangeError for a file of another kind, or an option that its
 *   kind does not have
 */
export async function loadNetwork(from: string | Uint8Array, given: NetworkFileOptions = {}): Promise<Network> {
  knownOptions("loadNetwork", given, networkFileOptionNames);
  const { backend, activation, layers, ...options } = given;
  const format = typeof from === "string" ? networkFormat(from) : "onnx";
  if (format === "mlp") throw invalid("network", "an .onnx file or a TensorFlow.js model.json", from);
  if (activation !== undefined) {
    throw invalid("activation", "none for an ONNX file or a TensorFlow.js model, which say theirs", activation);
  }
  if (layers !== undefined) {
    throw invalid("layers", "none for an ONNX file or a TensorFlow.js model, which say their order", layers);
  }
  if (format === "onnx") return loadOnnx(from, { ...options, ...(backend !== undefined && { providers: [backend] }) });
  const { fixed, threads, ...ofTfjs } = options;
  if (fixed !== undefined) throw invalid("fixed", "none for a TensorFlow.js model; ONNX files have such inputs", fixed);
  if (threads !== undefined) throw invalid("threads", "none for a TensorFlow.js model", threads);
  return loadTfjs(from as string, { ...ofTfjs, ...(backend !== undefined && { backend: backend as BackendName }) });
}

/** Reads a network again from where it was read. */
export async function loadAgain({ from, options }: NonNullable<Network["source"]>): Promise<Network> {
  return typeof from !== "string" || networkFormat(from) === "onnx" ? loadOnnx(from, options) : loadTfjs(from, options);
}
