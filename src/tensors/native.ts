import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import util from "node:util";
import { MissingPartError } from "../errors.js";
import type { TensorBackend, Tensorflow } from "./ladder.js";
import { loadPlain, withoutDefault } from "./plain.js";

/** How packages are found; another one in tests. */
export interface Packages {
  /** Whether a package is there under its own name. */
  isInstalled(name: string): boolean;
  import(name: string): Promise<object>;
}

/**
 * One of the backends on TensorFlow's native library. Whether a graphics card computes is asked of the library once it runs: where
 * CUDA is missing it takes the processor and says so in a log line at most.
 *
 * @throws MissingPartError where the package, or its native part, is absent, or another backend answers in its name
 */
export async function loadNative(
  name: "tfjs-node-gpu" | "tfjs-node",
  packages: Packages = npmPackages,
): Promise<TensorBackend> {
  const part = `the tensor backend ${name}`;
  const remedy = `install it with: npm install @tensorflow/${name}@4.22.0`;
  if (!packages.isInstalled(`@tensorflow/${name}`)) throw new MissingPartError(part, remedy);
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null;
  await loadPlain();
  let tf: Tensorflow;
  try {
    tf = withoutDefault((await packages.import(`@tensorflow/${name}`)) as Tensorflow);
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

/** Whether a package has its native part, of which only loading tells whether it fits this machine. */
export function hasNativePart(name: "tfjs-node-gpu" | "tfjs-node"): boolean {
  try {
    const file = createRequire(import.meta.url).resolve(`@tensorflow/${name}/package.json`);
    return existsSync(join(dirname(file), "lib"));
  } catch {
    return false;
  }
}

const npmPackages: Packages = {
  // danfojs-node's override makes tfjs-node stand for plain tfjs: the name inside tells.
  isInstalled(name) {
    const require = createRequire(import.meta.url);
    try {
      return (require(`${name}/package.json`) as { name: string }).name === name;
    } catch {
      return false;
    }
  },
  import: (name) => import(/* @vite-ignore */ name) as Promise<object>,
};
