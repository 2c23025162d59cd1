import { FileError, invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type BackendName, tensorsIfInstalled } from "../tensors/backend.js";
import { isDecoderFolder } from "./decoder-folder.js";
import { loadMlp } from "./mlp/file.js";
import type { Network } from "./network.js";
import { loadOnnx } from "./onnx/load.js";
import type { FixedValue } from "./onnx/types.js";
import type { GivenShape, UnitAxis } from "./shapes.js";
import { withSiteOutputs } from "./site-outputs.js";
import { siteOf } from "./sites.js";
import { loadTfjs } from "./tfjs/load.js";

/** Options of {@link loadNetwork}: those of `loadOnnx`, `loadTfjs` and `loadMlp`, as far as JSON can hold them. */
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
  /** Threads of one operator to take where `threads` says none and the kind of network has any. */
  readonly usualThreads?: number;
  /**
   * Activations of a network of dense layers (.pt, .safetensors) whose file does not say them: `relu`,
   * `leaky-relu:SLOPE` or `identity`, as `loadMlp` takes them. ONNX and TensorFlow.js files say theirs.
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
  usualThreads: true,
  activation: true,
  layers: true,
};

/** Which reader a file is for, by its name: `.onnx`, a TensorFlow.js `model.json`, else weights of dense layers. */
function networkFormat(path: string): "onnx" | "tfjs" | "mlp" {
  if (/\.onnx$/i.test(path)) return "onnx";
  return /\.json$/i.test(path) ? "tfjs" : "mlp";
}

const saysItself = "an ONNX file or a TensorFlow.js model, which say";
const ofDenseLayers = { activation: `${saysItself} theirs`, layers: `${saysItself} their order` };
const denseLayers = "a network of dense layers";

/** The options that a format does not have, and how messages call it. */
const absent: Readonly<Record<ReturnType<typeof networkFormat>, Partial<Record<keyof NetworkFileOptions, string>>>> = {
  onnx: ofDenseLayers,
  tfjs: {
    ...ofDenseLayers,
    fixed: "a TensorFlow.js model; ONNX files have such inputs",
    threads: "a TensorFlow.js model",
  },
  mlp: { shape: denseLayers, fixed: denseLayers, axes: denseLayers, threads: denseLayers },
};

/**
 * Reads a file as a network with named sites: an ONNX file, a TensorFlow.js `model.json`, else PyTorch .pt or
 * .safetensors of dense layers (see `loadOnnx`, `loadTfjs`, `loadMlp`).
 *
 * @throws FileError, RangeError, MissingPartError as these do; RangeError for an option that its kind does not have
 */
export async function loadNetwork(from: string | Uint8Array, given: NetworkFileOptions = {}): Promise<Network> {
  knownOptions("loadNetwork", given, networkFileOptionNames);
  if (typeof from === "string" && isDecoderFolder(from)) {
    throw new FileError(from, "is the folder of a language model: ask it with --tasks, or read it with loadDecoder");
  }
  const format = typeof from === "string" ? networkFormat(from) : "onnx";
  for (const [name, kind] of Object.entries(absent[format])) {
    const value = given[name as keyof NetworkFileOptions];
    if (value !== undefined) throw invalid(name, `none for ${kind}`, value);
  }
  const { backend, activation, layers, fixed, threads, usualThreads, ...shapes } = given;
  if (format === "onnx") {
    const most = threads ?? usualThreads;
    return loadOnnx(from, {
      ...shapes,
      ...(fixed !== undefined && { fixed }),
      ...(most !== undefined && { threads: most }),
      ...(backend !== undefined && { providers: [backend] }),
    });
  }
  const wanted = backend as BackendName | undefined;
  if (format === "tfjs")
    return loadTfjs(from as string, { ...shapes, ...(wanted !== undefined && { backend: wanted }) });
  // Another thread takes the very backend that is there now, or none.
  const tensors = await tensorsIfInstalled(wanted);
  return loadMlp(from as string, { activation, layers, ...(tensors && { backend: tensors.backend }) });
}

/** Reads a network again from where it was read. */
export async function loadAgain({ from, options, siteOutputs }: NonNullable<Network["source"]>): Promise<Network> {
  const reader =
    typeof from === "string" ? { onnx: loadOnnx, tfjs: loadTfjs, mlp: loadMlp }[networkFormat(from)] : loadOnnx;
  const network = await reader(from as string, options);
  if (!siteOutputs) return network;
  return withSiteOutputs(
    network,
    siteOutputs.map((name) => siteOf(network, name)),
  );
}
