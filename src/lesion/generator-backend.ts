import type { Generator } from "../networks/dcgan/generator.js";
import { onnxPasses } from "../networks/dcgan/onnx-passes.js";
import { type GeneratorPasses, generatorPasses } from "../networks/dcgan/passes.js";
import { tensorPasses } from "../networks/dcgan/tensor-passes.js";
import { type BackendName, graphicsCardInUse, loadTensorflow } from "../tensors/backend.js";

/** What can compute a game of a generator. */
export const generatorBackends = ["kernel", "tensors", "onnx"] as const;

/** One of `generatorBackends`. */
export type GeneratorBackend = (typeof generatorBackends)[number];

/**
 * What computes where nothing else is asked for: the tensor backend where a graphics card computes tensors, else the
 * kernel. Undefined where only loading can tell, which takes a second.
 */
export function usualBackend(): GeneratorBackend | undefined {
  const card = graphicsCardInUse();
  return card === undefined ? undefined : card ? "tensors" : "kernel";
}

/** What computes a game of a generator, by name. */
export interface GeneratorComputing {
  readonly backend: GeneratorBackend;
  /** For "tensors": which tensor backend. */
  readonly tensorBackend?: BackendName;
}

/**
 * What computes: the backend, the usual one where none is named; for "tensors" the tensor backend, the one in use or
 * else the best where none is named.
 *
 * @throws MissingPartError where the tensor backend is absent
 */
export async function chooseBackend(
  backend: GeneratorBackend | undefined,
  tensorBackend?: BackendName,
): Promise<GeneratorComputing> {
  if (backend === "kernel" || backend === "onnx") return { backend };
  const loaded = await loadTensorflow(tensorBackend);
  return backend === "tensors" || loaded.gpu
    ? { backend: "tensors", tensorBackend: loaded.backend }
    : { backend: "kernel" };
}

/** The passes of a backend. */
export async function openPasses(
  generator: Generator,
  latents: Float32Array,
  { backend, tensorBackend }: GeneratorComputing,
): Promise<GeneratorPasses> {
  if (backend === "kernel") return generatorPasses(generator, latents);
  if (backend === "onnx") return onnxPasses(generator, latents);
  return tensorPasses(generator, latents, tensorBackend);
}
