import { MissingPartError } from "../errors.js";
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
 * What computes where nothing else is asked for: the tensor backend where a graphics card computes tensors, else the kernel. Undefined
 * where only loading can tell, which takes a second.
 */
export function usualBackend(): GeneratorBackend | undefined {
  const card = graphicsCardInUse();
  return card === undefined ? undefined : card ? "tensors" : "kernel";
}

/** The passes of a backend; of the usual one where none is named. */
export async function openPasses(
  generator: Generator,
  latents: Float32Array,
  backend: GeneratorBackend | undefined,
  tensorBackend?: BackendName,
): Promise<GeneratorPasses> {
  const chosen = backend ?? ((await isGraphicsCardThere()) ? "tensors" : "kernel");
  if (chosen === "kernel") return generatorPasses(generator, latents);
  if (chosen === "onnx") return onnxPasses(generator, latents);
  await loadTensorflow(tensorBackend);
  return tensorPasses(generator, latents);
}

async function isGraphicsCardThere(): Promise<boolean> {
  try {
    return (await loadTensorflow("tfjs-node-gpu")).gpu;
  } catch (error) {
    if (error instanceof MissingPartError) return false;
    throw error;
  }
}
