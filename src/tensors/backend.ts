import { createRequire } from "node:module";
import { dirname } from "node:path";
import util from "node:util";
import { MissingPartError, oneOf } from "../errors.js";
import type { Tensorflow } from "./tensorflow.js";
import { supplyWasmKernels } from "./wasm-kernels.js";

export type { Tensorflow } from "./tensorflow.js";

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

/** What `doctor` says of one backend. */
export interface BackendReport {
  readonly name: BackendName;
  readonly available: boolean;
  /** Whether a graphics card computes with it, measured. */
  readonly gpu: boolean;
  /** What is missing and what installs it; undefined where nothing is. */
  readonly problem: string | undefined;
}

let inUse: TensorBackend | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Loads TensorFlow.js on first use and says what computes: tfjs-node-gpu, then tfjs-node, then WebAssembly (installed
 * with this package), then plain JavaScript. There is one TensorFlow.js engine in a process: the backend in use stays
 * in use until another is asked for by name.
 *
 * @param wanted this backend or none; default the one in use, else the best that loads
 * @throws MissingPartError where the wanted one does not load; RangeError for another name
 */
export async function loadTensorflow(wanted?: BackendName): Promise<TensorBackend> {
  if (wanted !== undefined) oneOf("tensor backend", backendNames, wanted);
  const loading = queue.then(async () => {
    if (inUse && (wanted === undefined || wanted === inUse.backend)) return inUse;
    inUse = wanted === undefined ? await loadBest() : await load(wanted);
    return inUse;
  });
  queue = loading.catch(() => undefined);
  return loading;
}

/** What computes tensors in this thread; undefined as long as nothing has. */
export function backendInUse(): BackendName | undefined {
  return inUse?.backend;
}

/** Tries every backend, best first, and leaves in use what was in use, else the best. */
export async function describeBackends(): Promise<BackendReport[]> {
  const before = inUse?.backend;
  const reports: BackendReport[] = [];
  for (const name of backendNames) {
    try {
      const { gpu } = await loadTensorflow(name);
      reports.push({ name, available: true, gpu, problem: undefined });
    } catch (error) {
      if (!(error instanceof MissingPartError)) throw error;
      reports.push({ name, available: false, gpu: false, problem: error.message });
    }
  }
  const after = before ?? reports.find((report) => report.available)?.name;
  if (after !== undefined) await loadTensorflow(after);
  return reports;
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
  const part = `the tensor backend ${name}`;
  const remedy = `install it with: npm install @tensorflow/${name}@4.22.0`;
  if (!isInstalled(`@tensorflow/${name}`)) throw new MissingPartError(part, remedy);
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null;
  await loadPlain();
  let tf: Tensorflow;
  try {
    const specifier = `@tensorflow/${name}`;
    tf = withoutDefault((await import(specifier)) as Tensorflow);
    if (!(await tf.setBackend("tensorflow"))) throw new Error("the native backend did not start");
    await tf.ready();
  } catch (cause) {
    // A plain Error where the native part (tfjs_binding.node, libtensorflow) is absent.
    throw new MissingPartError(part, `its native part is missing; ${remedy}`, { cause });
  }
  if (tf.getBackend() !== "tensorflow") throw new MissingPartError(part, remedy);
  const native = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return { tf, backend: name, gpu: native.isUsingGpuDevice === true };
}

/** Whether a package is there under its own name: danfojs-node's override makes tfjs-node stand for plain tfjs. */
function isInstalled(name: string): boolean {
  const require = createRequire(import.meta.url);
  try {
    return (require(`${name}/package.json`) as { name: string }).name === name;
  } catch {
    return false;
  }
}

async function loadPlain(): Promise<Tensorflow> {
  const tf = withoutDefault(await import("@tensorflow/tfjs"));
  tf.enableProdMode(); // no banners, no warnings
  return tf;
}

/** The exports of a CommonJS module, however it was imported. */
function withoutDefault<T extends object>(module: T): T {
  return (module as { default?: T }).default ?? module;
}

async function loadWasm(): Promise<TensorBackend> {
  const tf = await loadPlain();
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "uncaughtException")));
  try {
    const wasm = withoutDefault(await import("@tensorflow/tfjs-backend-wasm"));
    const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    if (!tf.engine().registry.wasm) wasm.setWasmPaths(`${dirname(main)}/`);
    if (!(await tf.setBackend("wasm"))) throw new Error("the WebAssembly module did not start");
    await tf.ready();
    supplyWasmKernels(tf);
  } catch (cause) {
    throw new MissingPartError("the tensor backend wasm", "install it with: npm install", { cause });
  }
  // Emscripten's start-up code listens for the process' uncaught errors and throws them again: not its business.
  events.forEach((event, e) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[e].has(listener)) process.removeListener(event, listener);
    }
  });
  return { tf, backend: "wasm", gpu: false };
}

async function loadCpu(): Promise<TensorBackend> {
  const tf = await loadPlain();
  await tf.setBackend("cpu");
  await tf.ready();
  return { tf, backend: "cpu", gpu: false };
}
