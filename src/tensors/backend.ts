import { createRequire } from "node:module";
import { dirname } from "node:path";
import util from "node:util";
import { MissingPartError, oneOf } from "../errors.js";

/** The tensor library, TensorFlow.js. */
export type Tensorflow = typeof import("@tensorflow/tfjs");

/** What can compute tensors, best first. */
export const backendNames = ["tfjs-node-gpu", "tfjs-node", "wasm", "cpu"] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

/** TensorFlow.js, ready to compute. */
export interface TensorBackend {
  readonly tf: Tensorflow;
  /** What computes, measured: not what was installed, but what answers. */
  readonly backend: BackendName;
  /** Whether a graphics card computes, measured. */
  readonly gpu: boolean;
}

let current: Promise<TensorBackend> | undefined;

/**
 * Loads TensorFlow.js on first use and says what computes: tfjs-node-gpu, then tfjs-node, then WebAssembly (installed
 * with this package), then plain JavaScript. There is one TensorFlow.js engine in a process: the backend in use stays
 * in use until another is asked for by name.
 *
 * @param wanted this backend or none; default the one in use, else the best that loads
 * @throws MissingPartError where the wanted one does not load; RangeError for another name
 */
export function loadTensorflow(wanted?: BackendName): Promise<TensorBackend> {
  if (wanted !== undefined) {
    oneOf("tensor backend", backendNames, wanted);
    const before = current ?? Promise.resolve(undefined);
    const loading = before.catch(() => undefined).then(() => load(wanted));
    loading.then(
      () => (current = loading),
      () => undefined,
    );
    return loading;
  }
  return (current ??= loadBest());
}

async function loadBest(): Promise<TensorBackend> {
  for (const name of backendNames) {
    try {
      return await load(name);
    } catch (error) {
      if (!(error instanceof MissingPartError) || name === "cpu") throw error;
    }
  }
  throw new MissingPartError("TensorFlow.js", "install it with: npm install");
}

function load(name: BackendName): Promise<TensorBackend> {
  if (name === "wasm") return loadWasm();
  return name === "cpu" ? loadCpu() : loadNative(name);
}

async function loadNative(name: "tfjs-node-gpu" | "tfjs-node"): Promise<TensorBackend> {
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null;
  const remedy = `install it with: npm install @tensorflow/${name}@4.22.0 (a native package: README, "A graphics card")`;
  let tf: Tensorflow;
  try {
    const specifier = `@tensorflow/${name}`;
    const module = (await import(specifier)) as Tensorflow & { default?: Tensorflow };
    tf = module.default ?? module;
    await tf.ready();
    if (tf.findBackend("tensorflow")) await tf.setBackend("tensorflow");
  } catch (cause) {
    // MODULE_NOT_FOUND where the package is absent, a plain Error where its native part is.
    throw new MissingPartError(`the tensor backend ${name}`, remedy, { cause });
  }
  // danfojs-node's override makes the name tfjs-node stand for plain tfjs: only the answer proves anything.
  if (tf.getBackend() !== "tensorflow") throw new MissingPartError(`the tensor backend ${name}`, remedy);
  tf.enableProdMode();
  const native = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return { tf, backend: name, gpu: native.isUsingGpuDevice === true };
}

async function loadPlain(): Promise<Tensorflow> {
  const module = (await import("@tensorflow/tfjs")) as Tensorflow & { default?: Tensorflow };
  const tf = module.default ?? module;
  tf.enableProdMode(); // no banners and warnings
  return tf;
}

async function loadWasm(): Promise<TensorBackend> {
  const tf = await loadPlain();
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "uncaughtException")));
  try {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    const setWasmPaths = wasm.setWasmPaths ?? (wasm as unknown as { default: typeof wasm }).default.setWasmPaths;
    const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    if (!tf.engine().registry.wasm) setWasmPaths(`${dirname(main)}/`);
    if (!(await tf.setBackend("wasm"))) throw new Error("the WebAssembly module did not start");
    await tf.ready();
  } catch (cause) {
    throw new MissingPartError("the tensor backend wasm", "install it with: npm install", { cause });
  }
  // Emscripten's start-up code listens for the process' uncaught errors and throws them again: not its business.
  events.forEach((event, e) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[e].has(listener)) process.removeListener(event, listener);
    }
  });
  if (tf.getBackend() !== "wasm") throw new MissingPartError("the tensor backend wasm", "install it with: npm install");
  return { tf, backend: "wasm", gpu: false };
}

async function loadCpu(): Promise<TensorBackend> {
  const tf = await loadPlain();
  await tf.setBackend("cpu");
  await tf.ready();
  return { tf, backend: "cpu", gpu: false };
}
