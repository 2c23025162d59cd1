import { type BackendName, describeBackends, loadTensorflow, type TensorBackend } from "../../src/tensors/backend.js";

/**
 * The tensor backends that compute on this machine's processor, best first: WebAssembly and plain JavaScript
 * everywhere, TensorFlow's native library where it is. A graphics card may round products to the 11 bits of
 * TensorFloat-32, so it has tests of its own.
 */
export function processorBackends(): Promise<BackendName[]> {
  found ??= describeBackends().then((reports) =>
    reports.filter(({ available, gpu }) => available && !gpu).map(({ name }) => name),
  );
  return found;
}

let found: Promise<BackendName[]> | undefined;

/** Puts the best of them in use: what tests of anything that needs tensors compute on. */
export async function loadOnProcessor(): Promise<TensorBackend> {
  const [best] = await processorBackends();
  return loadTensorflow(best);
}
