import { MissingPartError, oneOf } from "../errors.js";
import { installation } from "../parts.js";
import type { Tensorflow } from "./tensorflow.js";

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

/** How each backend is loaded. Throws MissingPartError where it is absent. */
export type Loaders = Readonly<Record<BackendName, () => Promise<TensorBackend>>>;

/** The backends of a process, of which one is in use. */
export interface Ladder {
  /** The wanted backend; else the one in use, else the preferred one, else the best that loads and computes. */
  load(wanted?: BackendName): Promise<TensorBackend>;
  /** What `load` takes as long as nothing is in use and none is wanted. */
  prefer(name: BackendName): void;
  /** Undefined as long as nothing was loaded. */
  inUse(): TensorBackend | undefined;
  /** Tries every backend, best first, and leaves in use what was in use, else the best. */
  describe(): Promise<BackendReport[]>;
}

/**
 * A ladder of backends: the best that loads is taken, and a backend counts as loaded when a product of matrices comes
 * out right on it. There is one TensorFlow.js engine in a process, so loading is done one after another.
 */
export function backendLadder(loaders: Loaders): Ladder {
  let inUse: TensorBackend | undefined;
  let preferred: BackendName | undefined;
  /** What the engine calls the one in use. */
  let answer: string | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function load(wanted?: BackendName): Promise<TensorBackend> {
    if (wanted !== undefined) oneOf("tensor backend", backendNames, wanted);
    const loading = queue.then(async () => {
      const before = inUse;
      const name = wanted ?? before?.backend ?? preferred;
      // Whoever holds the engine may have put another backend in its place.
      if (before && name === before.backend && before.tf.getBackend() === answer) return before;
      try {
        inUse = name === undefined ? await best() : await checked(name);
      } catch (error) {
        // What was tried may have taken the engine before it failed.
        if (before) await checked(before.backend);
        throw error;
      }
      answer = inUse.tf.getBackend();
      return inUse;
    });
    queue = loading.catch(() => undefined);
    return loading;
  }

  async function best(): Promise<TensorBackend> {
    for (const name of backendNames) {
      try {
        return await checked(name);
      } catch (error) {
        if (!(error instanceof MissingPartError) || name === "cpu") throw error;
      }
    }
    throw new MissingPartError("TensorFlow.js", installation("@tensorflow/tfjs"));
  }

  async function checked(name: BackendName): Promise<TensorBackend> {
    const loaded = await loaders[name]();
    await checkComputes(loaded);
    return loaded;
  }

  async function describe(): Promise<BackendReport[]> {
    const before = inUse?.backend;
    const reports: BackendReport[] = [];
    for (const name of backendNames) {
      try {
        const { gpu } = await load(name);
        reports.push({ name, available: true, gpu, problem: undefined });
      } catch (error) {
        if (!(error instanceof MissingPartError)) throw error;
        reports.push({ name, available: false, gpu: false, problem: error.message });
      }
    }
    const after = before ?? reports.find((report) => report.available)?.name;
    if (after !== undefined) await load(after);
    return reports;
  }

  function prefer(name: BackendName): void {
    preferred = name;
  }

  return { load, prefer, inUse: () => inUse, describe };
}

/** What provenance says of a backend: its name, and where that does not tell what computes, this too. */
export function backendLabel({ backend, gpu }: Pick<TensorBackend, "backend" | "gpu">): string {
  if (gpu === (backend === "tfjs-node-gpu")) return backend;
  return `${backend} (on ${gpu ? "a graphics card" : "the processor"})`;
}

/**
 * @throws MissingPartError where a backend that loads does not compute, as with native libraries that do not fit Node
 */
async function checkComputes({ tf, backend }: TensorBackend): Promise<void> {
  let product: ArrayLike<number>;
  try {
    const tensor = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])));
    product = await tensor.data();
    tensor.dispose();
  } catch (cause) {
    const problem = (cause as Error).message;
    throw new MissingPartError(`the tensor backend ${backend}`, `it loads but does not compute (${problem})`, {
      cause,
    });
  }
  if (Array.from(product).join() !== "19,22,43,50") {
    throw new MissingPartError(`the tensor backend ${backend}`, `it computes [1 2; 3 4] x [5 6; 7 8] = ${product}`);
  }
}
