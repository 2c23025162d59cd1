import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import util from "node:util";
import { MissingPartError } from "../errors.js";
import type { TensorBackend, Tensorflow } from "./ladder.js";
import { supplyNativeKernels } from "./native-kernels.js";
import { loadPlain, withoutDefault } from "./plain.js";

/** The packages on TensorFlow's native library. */
export type NativeName = "tfjs-node-gpu" | "tfjs-node";

/** How packages are found; another one in tests. */
export interface Packages {
  /** Whether a package is there under its own name. */
  isInstalled(name: string): boolean;
  import(name: string): Promise<object>;
}

/** What a native backend says of itself. */
interface NativeBackend {
  /** Whether the library computes on a graphics card. */
  readonly isUsingGpuDevice?: boolean;
  /** Whether it is tfjs-node-gpu's, on a graphics card or not. */
  readonly isGPUPackage?: boolean;
}

/**
 * One of the backends on TensorFlow's native library. Whether a graphics card computes is asked of the library once it
 * runs: where CUDA is missing it takes the processor and says so in a log line at most.
 *
 * @throws MissingPartError where the package, or its native part, is absent, or another backend answers in its name
 */
export async function loadNative(name: NativeName, packages: Packages = npmPackages): Promise<TensorBackend> {
  const part = `the tensor backend ${name}`;
  const remedy = `install it with: npm install @tensorflow/${name}@4.22.0`;
  if (!packages.isInstalled(`@tensorflow/${name}`)) throw new MissingPartError(part, remedy);
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null;
  const plain = await loadPlain();
  let tf: Tensorflow;
  try {
    tf = await registered(plain, name, packages);
    if (!(await tf.setBackend("tensorflow"))) throw new Error("the native backend did not start");
    await tf.ready();
    supplyNativeKernels(tf);
  } catch (cause) {
    // A plain Error where the native part (tfjs_binding.node, libtensorflow) is absent; where the package is there,
    // installing it again does nothing, and building it anew does.
    const [problem] = (cause as Error).message.split("\n");
    const anew = `${remedy} && npm rebuild @tensorflow/${name}`;
    throw new MissingPartError(part, `its native part is missing or does not fit (${problem}); ${anew}`, { cause });
  }
  if (tf.getBackend() !== "tensorflow") throw new MissingPartError(part, remedy);
  const { isUsingGpuDevice, isGPUPackage } = tf.backend() as NativeBackend;
  if (isGPUPackage !== (name === "tfjs-node-gpu")) {
    throw new MissingPartError(part, `another package answers in its name; ${remedy}`);
  }
  return { tf, backend: name, gpu: isUsingGpuDevice === true };
}

/** What makes the backend of a package that was imported; packages say it once, when they are. */
const factories = new WeakMap<Packages, Map<NativeName, ReturnType<Tensorflow["findBackendFactory"]>>>();

/**
 * The exports of a native package, whose backend is then the one called "tensorflow". Where both packages are there,
 * the second to be imported would leave the first one's in place.
 */
async function registered(plain: Tensorflow, name: NativeName, packages: Packages): Promise<Tensorflow> {
  const there = plain.findBackendFactory("tensorflow");
  const ofPackages = factories.get(packages) ?? new Map();
  factories.set(packages, ofPackages);
  const known = ofPackages.get(name);
  if (there && there !== known) plain.removeBackend("tensorflow");
  try {
    const tf = withoutDefault((await packages.import(`@tensorflow/${name}`)) as Tensorflow);
    putBack(known);
    putBack(there); // of a package that somebody had imported already
    ofPackages.set(name, plain.findBackendFactory("tensorflow"));
    return tf;
  } catch (cause) {
    putBack(there);
    throw cause;
  }

  function putBack(factory: ReturnType<Tensorflow["findBackendFactory"]> | undefined): void {
    if (factory && !plain.findBackendFactory("tensorflow"))
      plain.registerBackend("tensorflow", factory, nativePriority);
  }
}

/** The priority at which both packages register their backend. */
const nativePriority = 3;

/** Whether a package has its native part, of which only loading tells whether it fits this machine. */
export function hasNativePart(name: NativeName): boolean {
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
