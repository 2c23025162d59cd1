import { beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { logits, preActivations } from "../../../src/networks/mlp/forward.js";
import { mlpNetwork } from "../../../src/networks/mlp/mlp.js";
import { plainSums } from "../../../src/networks/mlp/plain-forward.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";

const random = randomStream(5);
const numbers = (length: number) => Float32Array.from({ length }, () => random.next() / 2 ** 31);
const network = mlpNetwork(
  [
    { weights: numbers(37 * 50), biases: numbers(50) },
    { weights: numbers(50 * 33), biases: numbers(33) },
    { weights: numbers(33 * 10), biases: numbers(10) },
  ],
  [0.01, 0.3],
);

describe("plainSums", () => {
  beforeAll(async () => {
    await loadTensorflow("wasm");
  });

  it.each([1, 7, 2048, 4100])("are TensorFlow.js' on WebAssembly, bit by bit, of %i inputs", async (count) => {
    const inputs = numbers(37 * count);
    expect(plainSums(network, inputs, [1, 2])).toEqual(await preActivations(network, inputs, [1, 2], "wasm"));
    expect(plainSums(network, inputs, [3])).toEqual([await logits(network, inputs)]);
  });

  it("lets what is between the layers be changed", async () => {
    const inputs = numbers(37 * 20);
    const intact = Uint8Array.from({ length: 33 }, (_, i) => (i % 3 === 0 ? 0 : 1));
    const replacement = numbers(33);
    const changed = plainSums(network, inputs, [3], (layer, values, units) => {
      if (layer === 2) values.forEach((_, i) => (values[i] = intact[i % units] ? values[i] : replacement[i % units]));
    });
    expect(changed).toEqual([await logits(network, inputs, [{ layer: 2, intact, replacement }])]);
    expect(changed[0]).not.toEqual(plainSums(network, inputs, [3])[0]);
  });

  it("are as many as are asked for, in that order, and none of no inputs", () => {
    const inputs = numbers(37 * 3);
    const [second, first] = plainSums(network, inputs, [2, 1]);
    expect([second.length, first.length]).toEqual([3 * 33, 3 * 50]);
    expect(plainSums(network, new Float32Array(0), [1])).toEqual([new Float32Array(0)]);
  });
});
