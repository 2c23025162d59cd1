import { isInstalled } from "../parts.js";
import { type BackendName, type BackendReport, backendLadder, type TensorBackend } from "./ladder.js";
import { hasNativePart, loadNative } from "./native.js";
import { loadCpu, loadWasm } from "./plain.js";

export {
  type BackendName,
  type BackendReport,
  backendLabel,
  backendNames,
  type TensorBackend,
  type Tensorflow,
} from "./ladder.js";

const ladder = backendLadder({
  "tfjs-node-gpu": () => loadNative("tfjs-node-gpu"),
  "tfjs-node": () => loadNative("tfjs-node"),
  wasm: loadWasm,
  cpu: loadCpu,
});

/**
 * Loads TensorFlow.js on first use and says what computes: tfjs-node-gpu, then tfjs-node, then WebAssembly, then plain
 * JavaScript. `tf` has no types of its own here, for TensorFlow.js may be absent, and its types fail a strict check of
 * libraries: in a notebook it has them, elsewhere
 * `const tf: typeof import("@tensorflow/tfjs") = (await loadTensorflow()).tf` gives them. There is one TensorFlow.js
 * engine in a process: the backend in use stays in use until another is asked for by name.
 *
 * @param wanted this backend or none; default the one in use, else the best that loads and computes
 * @throws MissingPartError where TensorFlow.js is not installed, or the wanted backend does not load or compute;
 *   RangeError for another name
 */
export function loadTensorflow(wanted?: BackendName): Promise<TensorBackend> {
  return ladder.load(wanted);
}

/**
 * What computes dense layers: as `loadTensorflow`, but undefined where TensorFlow.js is not installed and no backend is
 * asked for. They are then computed without it.
 *
 * @throws as `loadTensorflow` does
 */
export async function tensorsIfInstalled(wanted?: BackendName): Promise<TensorBackend | undefined> {
  if (wanted === undefined && ladder.inUse() === undefined && !isInstalled("@tensorflow/tfjs-core")) return undefined;
  return ladder.load(wanted);
}

/** What computes tensors in this thread; undefined as long as nothing has. */
export function backendInUse(): BackendName | undefined {
  return ladder.inUse()?.backend;
}

/**
 * What `loadTensorflow` takes in this thread as long as nothing is in use and none is asked for: a worker thread
 * computes on what computes in the first thread, or not at all.
 */
export function preferBackend(name: BackendName): void {
  ladder.prefer(name);
}

/**
 * Whether a graphics card computes tensors in this thread; undefined where only loading can tell: nothing has computed
 * yet, and tfjs-node-gpu is there.
 */
export function graphicsCardInUse(): boolean | undefined {
  const inUse = ladder.inUse();
  if (inUse) return inUse.gpu;
  return hasNativePart("tfjs-node-gpu") ? undefined : false;
}

/** Tries every backend, best first, and leaves in use what was in use, else the best. */
export function describeBackends(): Promise<BackendReport[]> {
  return ladder.describe();
}
