import { type BackendName, describeBackends, loadTensorflow, type TensorBackend } from "../../src/tensors/backend.js";

/**
 * The tensor backends that compute on this machine's processor, best first: WebAssembly and plain JavaScript everywhere, TensorFlow's
 * native library where it is. A graphics card may round products to the 11 bits of TensorFloat-32, so it has tests of its own.
 */
export async function processorBackends(): Promise<BackendName[]> {
  return (await describeBackends()).filter(({ available, gpu }) => available && !gpu).map(({ name }) => name);
}

/** Puts the best of them in use: what tests of anything that needs tensors compute on. */
export async function loadOnProcessor(): Promise<TensorBackend> {
  const best = await loadTensorflow();
  return best.gpu ? loadTensorflow("wasm") : best;
}
