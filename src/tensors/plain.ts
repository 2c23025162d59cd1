import { createRequire } from "node:module";
import { dirname } from "node:path";
import { MissingPartError } from "../errors.js";
import { installation, isInstalled, loadPart } from "../parts.js";
import { chainOperations } from "./chained-ops.js";
import { supplyCumulativeKernels } from "./cumulative-kernels.js";
import type { TensorBackend } from "./ladder.js";
import type { Tensorflow } from "./tensorflow.js";
import { mendWasmKernels } from "./wasm-exact.js";
import { supplyWasmKernels } from "./wasm-kernels.js";

/**
 * What TensorFlow.js is made of here: its functions, models of layers and of graphs, plain JavaScript and WebAssembly.
 */
export const tensorflowParts = ["core", "layers", "converter", "backend-cpu", "backend-wasm"].map(
  (part) => `@tensorflow/tfjs-${part}`,
);

/**
 * TensorFlow.js without a backend of its own: the whole package where it is installed, else the parts that are needed.
 */
export async function loadPlain(): Promise<Tensorflow> {
  const tf = await loadPart("TensorFlow.js", tensorflowParts, isInstalled("@tensorflow/tfjs") ? whole : ofParts);
  tf.enableProdMode(); // no banners, no warnings
  return tf;
}

async function whole(): Promise<Tensorflow> {
  return withoutDefault(await import("@tensorflow/tfjs"));
}

let made: Promise<Tensorflow> | undefined;

function ofParts(): Promise<Tensorflow> {
  made ??= makeOfParts();
  made.catch(() => {
    made = undefined;
  });
  return made;
}

async function makeOfParts(): Promise<Tensorflow> {
  const parts: object[] = [];
  // One after another: each enters itself in the first one.
  for (const name of tensorflowParts.slice(0, 4)) parts.push(withoutDefault((await import(name)) as object));
  const tf = Object.assign({}, ...parts) as Tensorflow;
  chainOperations(tf);
  return tf;
}

/** The exports of a CommonJS module, however it was imported. */
export function withoutDefault<T extends object>(module: T): T {
  return (module as { default?: T }).default ?? module;
}

/** Whether kernels were replaced already: they are of the process. */
let isMended = false;

/** The WebAssembly backend. */
export async function loadWasm(): Promise<TensorBackend> {
  const tf = await loadPlain();
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "uncaughtException")));
  try {
    const wasm = withoutDefault(await import("@tensorflow/tfjs-backend-wasm"));
    const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    if (!tf.engine().registry.wasm) wasm.setWasmPaths(`${dirname(main)}/`);
    if (!(await tf.setBackend("wasm"))) throw new Error("the WebAssembly module did not start");
    await tf.ready();
    failWhereMemoryEnds(tf.backend());
    if (!isMended) mendWasmKernels(tf);
    isMended = true;
    supplyWasmKernels(tf);
    supplyCumulativeKernels(tf, "wasm");
  } catch (cause) {
    throw new MissingPartError("the tensor backend wasm", installation("@tensorflow/tfjs-backend-wasm"), { cause });
  }
  // Emscripten's start-up code listens for the process' uncaught errors and throws them again: not its business.
  events.forEach((event, e) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[e].has(listener)) process.removeListener(event, listener);
    }
  });
  return { tf, backend: "wasm", gpu: false };
}

/**
 * Makes the WebAssembly backend throw where its 4 GB are full. By itself it takes the null pointer for new memory, and
 * tensors overwrite each other without a word.
 */
function failWhereMemoryEnds(backend: object): void {
  const { wasm } = backend as {
    wasm: { _malloc: ((bytes: number) => number) & { checked?: true }; _free(at: number): void };
  };
  if (wasm._malloc.checked) return;
  wasm._free(wasm._malloc(1)); // the first call puts the function itself in the place of what loads it
  const allocate = wasm._malloc;
  const checked = (bytes: number): number => {
    const at = allocate(bytes);
    if (at === 0 && bytes > 0) throw new Error(`WebAssembly is out of memory: ${bytes} bytes can not be allocated`);
    return at;
  };
  wasm._malloc = Object.assign(checked, { checked: true as const });
}

/** Plain JavaScript. */
export async function loadCpu(): Promise<TensorBackend> {
  const tf = await loadPlain();
  await tf.setBackend("cpu");
  await tf.ready();
  supplyCumulativeKernels(tf, "cpu");
  return { tf, backend: "cpu", gpu: false };
}
