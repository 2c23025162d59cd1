import { beforeAll, describe, expect, test } from "vitest";
import { MissingPartError } from "../../src/errors.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import {
  type BackendName,
  backendLabel,
  backendLadder,
  backendNames,
  type Loaders,
  type TensorBackend,
  type Tensorflow,
} from "../../src/tensors/ladder.js";
import { loadNative, type Packages } from "../../src/tensors/native.js";
import { supplyNativeKernels } from "../../src/tensors/native-kernels.js";

let tf: Tensorflow;
beforeAll(async () => {
  tf = (await loadTensorflow("cpu")).tf;
});

/** Loaders of which only some find something; says in `asked` which were tried. */
function loadersWith(there: Partial<Record<BackendName, Partial<TensorBackend>>>, asked: string[] = []): Loaders {
  const loader = (backend: BackendName) => async () => {
    asked.push(backend);
    const found = there[backend];
    if (!found) throw new MissingPartError(`the tensor backend ${backend}`, "install it");
    return { tf, backend, gpu: false, ...found };
  };
  return Object.fromEntries(backendNames.map((name) => [name, loader(name)])) as unknown as Loaders;
}
/** TensorFlow.js whose products of matrices come out wrong, or not at all. */
const broken = (matMul: () => unknown) => ({ tf: { ...tf, tidy: tf.tidy, tensor2d: tf.tensor2d, matMul } as never });

describe("backendLadder", () => {
  test("takes the best that is there: a graphics card before the processor, before WebAssembly, before JavaScript", async () => {
    const cases: [Partial<Record<BackendName, Partial<TensorBackend>>>, BackendName, boolean][] = [
      [{ "tfjs-node-gpu": { gpu: true }, "tfjs-node": {}, wasm: {}, cpu: {} }, "tfjs-node-gpu", true],
      [{ "tfjs-node": {}, wasm: {}, cpu: {} }, "tfjs-node", false],
      [{ wasm: {}, cpu: {} }, "wasm", false],
      [{ cpu: {} }, "cpu", false],
    ];
    for (const [there, backend, gpu] of cases) {
      const asked: string[] = [];
      const ladder = backendLadder(loadersWith(there, asked));
      expect(await ladder.load()).toMatchObject({ backend, gpu });
      expect(asked).toEqual(backendNames.slice(0, backendNames.indexOf(backend) + 1));
      expect(ladder.inUse()?.backend).toBe(backend);
      await ladder.load();
      expect(asked.length).toBe(backendNames.indexOf(backend) + 1);
    }
  });

  test("goes past a backend that loads and does not compute, or computes wrongly", async () => {
    const throwing = broken(() => {
      throw new Error("util_1.isNullOrUndefined is not a function");
    });
    const wrong = broken(() => tf.tensor2d([0, 0, 0, 0], [2, 2]));
    const ladder = backendLadder(loadersWith({ "tfjs-node-gpu": throwing, "tfjs-node": wrong, wasm: {} }));
    expect((await ladder.load()).backend).toBe("wasm");
    await expect(ladder.load("tfjs-node-gpu")).rejects.toThrow(
      "the tensor backend tfjs-node-gpu is not available; it loads but does not compute (util_1.isNullOrUndefined",
    );
    await expect(ladder.load("tfjs-node")).rejects.toThrow("it computes [1 2; 3 4] x [5 6; 7 8] = 0,0,0,0");
    expect(ladder.inUse()?.backend).toBe("wasm");
  });

  test("takes the preferred one, or none, as long as nothing is in use", async () => {
    const everything = loadersWith({ "tfjs-node": {}, wasm: {}, cpu: {} });
    const ladder = backendLadder(everything);
    ladder.prefer("wasm");
    expect((await ladder.load()).backend).toBe("wasm");
    expect((await ladder.load("cpu")).backend).toBe("cpu");
    expect((await ladder.load()).backend).toBe("cpu");
    const absent = backendLadder(everything);
    absent.prefer("tfjs-node-gpu");
    await expect(absent.load()).rejects.toThrow(MissingPartError);
  });

  test("puts back what is in use where another one fails after it has taken the engine", async () => {
    const asked: string[] = [];
    const ladder = backendLadder(loadersWith({ "tfjs-node": broken(() => tf.tensor1d([1])), wasm: {} }, asked));
    await ladder.load("wasm");
    await expect(ladder.load("tfjs-node")).rejects.toThrow("it computes");
    expect(asked).toEqual(["wasm", "tfjs-node", "wasm"]);
  });

  test("does not hide an error that is no absence", async () => {
    const loaders = { ...loadersWith({ wasm: {} }), "tfjs-node": () => Promise.reject(new Error("a defect")) };
    await expect(backendLadder(loaders).load()).rejects.toThrow("a defect");
    await expect(backendLadder(loadersWith({})).load()).rejects.toThrow(MissingPartError);
  });

  test("keeps what was asked for by name, and describes all without changing what is in use", async () => {
    const ladder = backendLadder(loadersWith({ "tfjs-node-gpu": { gpu: true }, wasm: {}, cpu: {} }));
    expect((await ladder.load("cpu")).backend).toBe("cpu");
    const reports = await ladder.describe();
    expect(reports.map(({ available, gpu }) => [available, gpu])).toEqual([
      [true, true],
      [false, false],
      [true, false],
      [true, false],
    ]);
    expect(reports[1].problem).toContain("install it");
    expect((await ladder.load()).backend).toBe("cpu");
  });
});

describe("loadNative", () => {
  /** What tfjs-node-gpu looks like, on the plain library. */
  const native = (isUsingGpuDevice: boolean, answers = "tensorflow", isGPUPackage = true) => ({
    ...tf,
    setBackend: async (name: string) => name === "tensorflow",
    ready: async () => undefined,
    getBackend: () => answers,
    backend: () => ({ isUsingGpuDevice, isGPUPackage }),
  });
  const packages = (module: object | Error, installed = true): Packages => ({
    isInstalled: () => installed,
    import: async () => {
      if (module instanceof Error) throw module;
      return module;
    },
  });

  test("asks the library whether a graphics card computes, not the package's name", async () => {
    for (const gpu of [true, false]) {
      const loaded = await loadNative("tfjs-node-gpu", packages(native(gpu)));
      expect([loaded.backend, loaded.gpu]).toEqual(["tfjs-node-gpu", gpu]);
      expect(backendLabel(loaded)).toBe(gpu ? "tfjs-node-gpu" : "tfjs-node-gpu (on the processor)");
    }
    for (const gpu of [true, false]) {
      const loaded = await loadNative("tfjs-node", packages({ default: native(gpu, "tensorflow", false) }));
      expect(loaded.gpu).toBe(gpu);
      expect(backendLabel(loaded)).toBe(gpu ? "tfjs-node (on a graphics card)" : "tfjs-node");
    }
  });

  test("says what installs a package that is absent, has no native part, or stands for another one", async () => {
    const remedy = "install it with: npm install @tensorflow/tfjs-node-gpu@4.22.0";
    const addon = new Error("The Node.js native addon module (tfjs_binding.node) can not be found");
    const cases: [Packages, string][] = [
      [packages(native(true), false), `the tensor backend tfjs-node-gpu is not available; ${remedy}`],
      [
        packages(addon),
        `its native part is missing or does not fit (${addon.message}); ${remedy} && npm rebuild @tensorflow/tfjs-node-gpu`,
      ],
      [
        packages({ ...native(true), setBackend: async () => false }),
        `or does not fit (the native backend did not start)`,
      ],
      [packages(native(true, "cpu")), `the tensor backend tfjs-node-gpu is not available; ${remedy}`],
      [packages(native(true, "tensorflow", false)), `another package answers in its name; ${remedy}`],
    ];
    for (const [found, message] of cases) {
      const error = await loadNative("tfjs-node-gpu", found).catch((caught) => caught);
      expect(error).toBeInstanceOf(MissingPartError);
      expect(error.message).toContain(message);
    }
  });

  test("where both packages are there, each computes in its own name, again and again", async () => {
    const made: string[] = [];
    const registers = (name: string) => () => {
      const backend = { isGPUPackage: name.endsWith("-gpu"), isUsingGpuDevice: false, dispose() {} };
      const factory = () => {
        made.push(name);
        return backend as never;
      };
      tf.registerBackend("tensorflow", factory, 3); // which does nothing where there is one of that name
      return { ...tf, setBackend: tf.setBackend, ready: tf.ready, getBackend: tf.getBackend, backend: tf.backend };
    };
    const imported = new Map<string, object>();
    const both: Packages = {
      isInstalled: () => true,
      async import(name) {
        const module = imported.get(name) ?? registers(name)();
        imported.set(name, module);
        return module;
      },
    };
    for (const name of ["tfjs-node-gpu", "tfjs-node", "tfjs-node-gpu", "tfjs-node-gpu", "tfjs-node"] as const) {
      expect((await loadNative(name, both)).backend).toBe(name);
    }
    expect(made).toEqual(["tfjs-node-gpu", "tfjs-node", "tfjs-node-gpu", "tfjs-node"].map((n) => `@tensorflow/${n}`));
    // One that somebody has imported before is taken as it is.
    const second: Packages = { ...both };
    expect((await loadNative("tfjs-node", second)).backend).toBe("tfjs-node");
    // One without its native part leaves the other in place.
    const halved: Packages = { ...both, import: () => Promise.reject(new Error("no tfjs_binding.node")) };
    await expect(loadNative("tfjs-node-gpu", halved)).rejects.toThrow(
      "its native part is missing or does not fit (no tfjs_binding.node)",
    );
    expect((tf.findBackend("tensorflow") as unknown as { isGPUPackage: boolean }).isGPUPackage).toBe(false);
    tf.removeBackend("tensorflow");
    await tf.setBackend("cpu");
  });
});

describe("supplyNativeKernels", () => {
  test("rounds integers to themselves, and leaves other numbers to the library, however often it is called", () => {
    const kernel = (kernelName: string) => ({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: () => kernelName as never,
    });
    for (const name of ["Round", "Identity"]) tf.registerKernel(kernel(name));
    const rounded = (dtype: string) =>
      tf.getKernel("Round", "tensorflow").kernelFunc({ inputs: { x: { dtype } as never }, backend: {} });
    expect(rounded("int32")).toBe("Round");
    for (let time = 0; time < 2; time++) {
      supplyNativeKernels(tf);
      const mended = tf.getKernel("Round", "tensorflow").kernelFunc;
      expect([rounded("int32"), rounded("float32")]).toEqual(["Identity", "Round"]);
      supplyNativeKernels(tf);
      expect(tf.getKernel("Round", "tensorflow").kernelFunc).toBe(mended);
      // The other package registers its own over it.
      tf.unregisterKernel("Round", "tensorflow");
      tf.registerKernel(kernel("Round"));
    }
    for (const name of ["Round", "Identity"]) tf.unregisterKernel(name, "tensorflow");
  });
});
