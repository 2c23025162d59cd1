import { afterEach, describe, expect, test, vi } from "vitest";
import { MissingPartError } from "../../src/errors.js";
import { backendNames, describeBackends, loadTensorflow } from "../../src/tensors/backend.js";

/** What each backend calls itself when asked. */
const answers = { "tfjs-node-gpu": "tensorflow", "tfjs-node": "tensorflow", wasm: "wasm", cpu: "cpu" };

const there = (await describeBackends()).filter(({ available }) => available);

afterEach(() => vi.restoreAllMocks());

describe("loadTensorflow", () => {
  test("writes nothing to stdout or the console, and leaves the process' error handling as it was", async () => {
    const silent = [
      vi.spyOn(process.stdout, "write"),
      ...(["log", "info", "warn", "error"] as const).map((method) => vi.spyOn(console, method)),
    ];
    const listeners = () => ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
    const before = listeners();
    for (const name of ["wasm", "cpu"] as const) {
      const { tf } = await loadTensorflow(name);
      tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync());
    }
    for (const spy of silent) expect(spy).not.toHaveBeenCalled();
    expect(listeners()).toEqual(before);
  });

  test.each(there)("gives $name where it is asked for, and keeps it", async ({ name, gpu: card }) => {
    const { tf, backend, gpu } = await loadTensorflow(name);
    expect({ backend, gpu, answer: tf.getBackend() }).toEqual({ backend: name, gpu: card, answer: answers[name] });
    expect((await loadTensorflow()).backend).toBe(name);
  });

  test("puts back what computes where somebody else gave the engine another backend", async () => {
    const { tf } = await loadTensorflow("wasm");
    await tf.setBackend("cpu");
    expect((await loadTensorflow()).tf.getBackend()).toBe("wasm");
  });

  test("keeps what is in use where another one is asked for that is absent", async () => {
    await loadTensorflow("wasm");
    for (const { name, available } of await describeBackends()) {
      if (available) continue;
      await expect(loadTensorflow(name)).rejects.toThrow(MissingPartError);
      expect((await loadTensorflow()).backend).toBe("wasm");
    }
  });

  test("calls at the same time do not disturb each other", async () => {
    const loaded = await Promise.all([loadTensorflow("cpu"), loadTensorflow("wasm"), loadTensorflow()]);
    expect(loaded.map(({ backend }) => backend)).toEqual(["cpu", "wasm", "wasm"]);
  });

  test("computes the same on every backend that is there", async () => {
    const products: number[][] = [];
    for (const { name, available } of await describeBackends()) {
      if (!available) continue;
      const { tf } = await loadTensorflow(name);
      const product = tf.tidy(() => tf.matMul(tf.range(0, 6).reshape([2, 3]), tf.range(0, 6).reshape([3, 2])));
      products.push([...(await product.data())]);
      product.dispose();
    }
    expect(products.length).toBeGreaterThanOrEqual(2);
    for (const product of products) expect(product).toEqual([10, 13, 28, 40]);
  });

  test.each(there)("adds and multiplies up along an axis that is counted from the end, on $name", async ({ name }) => {
    const { tf } = await loadTensorflow(name);
    const numbers = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const [sums, products, rows] = [tf.cumsum(numbers, -1), tf.cumprod(numbers, -1), tf.cumsum(numbers, -2, true)];
    expect([sums, products, rows].map(({ shape }) => shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect([...(await sums.data())]).toEqual([1, 3, 6, 4, 9, 15]);
    expect([...(await products.data())]).toEqual([1, 2, 6, 4, 20, 120]);
    expect([...(await rows.data())]).toEqual([0, 0, 0, 1, 2, 3]);
    tf.dispose([numbers, sums, products, rows]);
  });

  test("throws where the 4 GB of WebAssembly are full, instead of letting tensors overwrite each other", async () => {
    const { tf } = await loadTensorflow("wasm");
    const { wasm } = tf.backend() as unknown as { wasm: { _malloc(bytes: number): number; _free(at: number): void } };
    const most = wasm._malloc(3e9); // asked for and not written to, so it takes no memory of the machine
    expect(most).toBeGreaterThan(0);
    expect(() => tf.fill([2 ** 29], 1).dataSync()).toThrow(/^WebAssembly is out of memory: 2147483648 bytes/);
    wasm._free(most);
    expect([...(await tf.fill([2], 3).data())]).toEqual([3, 3]);
  });

  test("refuses a backend that does not exist", async () => {
    await expect(loadTensorflow("cuda" as "cpu")).rejects.toThrow(
      'invalid tensor backend; expected one of tfjs-node-gpu, tfjs-node, wasm, cpu; received "cuda"',
    );
  });
});

describe("describeBackends", () => {
  test("reports every backend by what answers, says what installs an absent one, and leaves in use what was", async () => {
    await loadTensorflow("cpu");
    const reports = await describeBackends();
    expect((await loadTensorflow()).tf.getBackend()).toBe("cpu");
    expect(reports.map(({ name }) => name)).toEqual(backendNames);
    for (const { name, available, problem } of reports) {
      if (available) {
        expect((await loadTensorflow(name)).tf.getBackend()).toBe(answers[name]);
        expect(problem).toBeUndefined();
      } else {
        expect(problem).toContain(`npm install @tensorflow/${name}@4.22.0`);
        await expect(loadTensorflow(name)).rejects.toThrow(MissingPartError);
      }
    }
    expect(reports.filter(({ available }) => available).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["wasm", "cpu"]),
    );
  });
});
