import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compress } from "../../../src/analysis/smaller/compress.js";
import { compressionTable } from "../../../src/analysis/smaller/size-table.js";
import { loadMlp } from "../../../src/networks/mlp/file.js";
import { logits } from "../../../src/networks/mlp/forward.js";
import { type Mlp, mlpNetwork } from "../../../src/networks/mlp/mlp.js";
import { fineTuneMlp, trainMlp } from "../../../src/networks/mlp/train.js";
import { fc } from "../../helpers/properties.js";
import { numbers, parametersOf, smallInputs, smallMlp } from "../../networks/mlp/small.js";

/** A network of any depth with numbers from -0.5 to 0.5. */
function network(widths: readonly number[], slopes: number | readonly number[], salt = 3): Mlp {
  const layers = widths.slice(1).map((outputs, l) => ({
    weights: numbers(outputs * widths[l], salt + l),
    biases: numbers(outputs, salt + 100 + l),
  }));
  return mlpNetwork(layers, slopes);
}

/**
 * How far float32 may take two ways of summing the same terms apart: each of the sums of a layer is wrong by at most n
 * 2^-24 times the sum of absolute terms, and is handed on times at most 0.5 n.
 */
function bound(widths: readonly number[], largest: number): number {
  let [error, size] = [0, largest];
  for (let l = 1; l < widths.length; l++) {
    const inputs = widths[l - 1];
    const absolute = 0.5 * inputs * size + 0.5;
    error = 0.5 * inputs * error + 2 * (inputs + 2) * 2 ** -24 * absolute;
    size = absolute;
  }
  return error;
}

function maskOf(units: number, kept: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: units }, (_, unit) => (kept.includes(unit) ? 1 : 0));
}

describe("compress of dense layers", () => {
  it("gives the lesioned network's outputs, whatever the depth, the activations, the units and the constant", async () => {
    const width = fc.integer({ min: 1, max: 7 });
    const parts = fc.record({
      widths: fc.array(width, { minLength: 3, maxLength: 5 }),
      slope: fc.constantFrom(0, 0.01, 0.5, 1),
      picks: fc.array(fc.boolean(), { minLength: 21, maxLength: 21 }),
      constant: fc.constantFrom(0, 0.75, -2),
      salt: fc.integer({ min: 1, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(parts, async ({ widths, slope, picks, constant, salt }) => {
        const mlp = network(widths, slope, salt);
        const hidden = widths.slice(1, -1);
        const kept = hidden.map((units, l) => {
          const some = Array.from({ length: units }, (_, unit) => unit).filter((unit) => picks[7 * l + unit]);
          return some.length > 0 ? some : [units - 1];
        });
        const name = (l: number) => (hidden.length === 1 ? "hidden" : `hidden${l + 1}`);
        const keep = Object.fromEntries(kept.map((units, l) => [name(l), units]));
        const lesion = constant === 0 ? "zero" : { constant };
        const smaller = await compress(mlp, keep, { lesion, place: "activation" });
        expect(smaller.network.layers.map(({ outputs }) => outputs)).toEqual([
          ...kept.map(({ length }) => length),
          widths[widths.length - 1],
        ]);
        const x = numbers(5 * widths[0], salt + 7);
        const lesions = hidden.map((units, l) => ({
          layer: l + 1,
          intact: maskOf(units, kept[l]),
          replacement: new Float32Array(units).fill(constant),
        }));
        const expected = await logits(mlp, x, lesions);
        const values = await logits(smaller.network, x);
        const tolerance = bound(widths, Math.max(2, ...x.map(Math.abs)));
        for (const [o, value] of values.entries()) expect(Math.abs(value - expected[o])).toBeLessThanOrEqual(tolerance);
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it("takes rows in front of a unit and columns behind it, and leaves everything else as it was", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 4, outputs: 2 });
    const { network, sites, before, after } = await compress(mlp, ["hidden/2", "hidden/0"]);
    const [hidden, output] = mlp.layers;
    expect(network.layers[0].weights).toEqual(
      Float32Array.of(...hidden.weights.subarray(0, 3), ...hidden.weights.subarray(6, 9)),
    );
    expect(network.layers[0].biases).toEqual(Float32Array.of(hidden.biases[0], hidden.biases[2]));
    expect(network.layers[1].weights).toEqual(
      Float32Array.of(output.weights[0], output.weights[2], output.weights[4], output.weights[6]),
    );
    expect(network.layers[1].biases).toEqual(output.biases);
    expect(sites).toEqual([{ site: "hidden", before: 4, after: 2 }]);
    expect([before.parameters, after.parameters]).toEqual([26, 14]);
    expect(after.bytes).toBeLessThan(before.bytes);
  });

  it("is saved in 16 bits where that loses nothing, and says the bytes of that file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "compressed-half-"));
    const quarters = (count: number) => Float32Array.from({ length: count }, (_, at) => (at % 9) / 4 - 1);
    const path = join(folder, "half.safetensors");
    for (const [one, bytesEach] of [
      [1, 2],
      [1 + 2 ** -20, 4],
    ]) {
      const weights = quarters(24).fill(one, 0, 1);
      const mlp = mlpNetwork(
        [
          { weights, biases: quarters(8) },
          { weights: quarters(16), biases: quarters(2) },
        ],
        0,
      );
      const smaller = await compress(mlp, { hidden: [0, 1, 2, 3] });
      smaller.save(path);
      expect(statSync(path).size).toBe(smaller.after.bytes);
      expect(parametersOf(await loadMlp(path))).toEqual(parametersOf(smaller.network));
      const numbers = smaller.before.parameters - smaller.after.parameters;
      expect(Math.abs(smaller.before.bytes - smaller.after.bytes - bytesEach * numbers)).toBeLessThanOrEqual(16);
    }
    rmSync(folder, { recursive: true });
  });

  it("puts a constant before the activation through it, and the mean of some inputs into the biases", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 3, outputs: 2 }, 5, 0.5);
    const before = await compress(mlp, { hidden: [0] }, { lesion: { constant: -2 } });
    const [, output] = mlp.layers;
    const weights = (k: number, unit: number) => output.weights[3 * k + unit];
    for (const k of [0, 1]) {
      expect(before.network.layers[1].biases[k]).toBeCloseTo(output.biases[k] - weights(k, 1) - weights(k, 2), 6);
    }
    const inputs = smallInputs(6, 3, 2);
    const after = await compress(mlp, { hidden: [0, 1] }, { lesion: "mean", place: "activation", inputs });
    const held = await mlp.activations({ count: 6, data: [inputs.inputs] }, [mlp.sites[1]]);
    const mean = [0, 1, 2, 3, 4, 5].reduce((sum, row) => sum + held[0][3 * row + 2], 0) / 6;
    for (const k of [0, 1]) {
      expect(after.network.layers[1].biases[k]).toBeCloseTo(output.biases[k] + weights(k, 2) * mean, 6);
    }
    expect(after.difference).toBeLessThan(1e-6);
  });

  it("is saved as a file that is read as the same network", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smaller-"));
    try {
      const smaller = await compress(network([4, 5, 3, 2], [0, 0.25]), { hidden1: [1, 4], hidden2: [0, 2] });
      const path = join(folder, "smaller.safetensors");
      const sha256 = smaller.save(path);
      const read = await loadMlp(path);
      expect(read.sha256).toBe(sha256);
      expect(() => smaller.save(join(folder, "smaller.pt"))).toThrow(
        "invalid path; expected a name that ends in .safetensors",
      );
      expect(parametersOf(read)).toEqual(parametersOf(smaller.network));
      expect(read.negativeSlopes).toEqual([0, 0.25]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is one clear error where a layer would be empty, or units are not the network's", async () => {
    const mlp = network([4, 5, 3, 2], 0.01);
    const refused = (keep: unknown, options = {}) => expect(compress(mlp, keep as never, options)).rejects;
    await refused(["hidden1/0"]).toThrow("invalid keep; expected at least one of the 3 units of hidden2");
    await refused({ hidden1: [] }).toThrow("at least one of the 5 units of hidden1");
    await refused({ hidden1: [5] }).toThrow("invalid unit of hidden1; expected a whole number from 0 to 4; received 5");
    await refused({ hidden1: [1, 1] }).toThrow("every unit once");
    await refused({ hidden3: [1] }).toThrow("invalid site");
    await refused({ input: [0] }).toThrow("units behind the input");
    await refused(["unit 3"]).toThrow("names of units such as hidden1/0");
    await refused({ hidden1: [0] }, { lesion: "mean" }).toThrow("invalid inputs; expected those that the mean is over");
    await refused({ hidden1: [0] }, { lesion: { background: numbers(8) } }).toThrow("the same for every input");
    await refused({ hidden1: [0] }, { lesions: "zero" }).toThrow("invalid option of compress");
  });

  it("has a table of size and time", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 4, outputs: 2 });
    const smaller = await compress(mlp, { hidden: [0] });
    const rows = await compressionTable(mlp, smaller, smallInputs(6, 3, 2), { repeats: 2 });
    expect(rows.map(({ network, units, parameters }) => [network, units, parameters])).toEqual([
      ["before", 4, 26],
      ["after", 1, 8],
    ]);
    for (const { milliseconds } of rows) expect(milliseconds).toBeGreaterThan(0);
  });
});

describe("fineTuneMlp", () => {
  it("goes on from the network's parameters: with a rate of 0 they stay, else the loss falls", async () => {
    const data = smallInputs(40, 3, 2);
    const { mlp } = await trainMlp(data, { hidden: 4, regulariser: "none", seed: 1, epochs: 1 });
    const { network } = await compress(mlp, { hidden: [0, 2] });
    const options = { regulariser: "none", seed: 2, epochs: 1, batchSize: 8 } as const;
    const same = await fineTuneMlp(network, data, { ...options, learningRate: 0 });
    expect(parametersOf(same.mlp)).toEqual(parametersOf(network));
    const { losses } = await fineTuneMlp(network, data, { ...options, epochs: 8 });
    expect(losses[7]).toBeLessThan(losses[0]);
  });

  it("keeps a network's own slope, and says that it is for one hidden layer", async () => {
    const options = { regulariser: "l1", seed: 0, epochs: 1 } as const;
    const { mlp } = await fineTuneMlp(
      smallMlp({ inputs: 3, hidden: 2, outputs: 2 }, 1, 0.5),
      smallInputs(8, 3, 2),
      options,
    );
    expect(mlp.negativeSlopes).toEqual([0.5]);
    await expect(fineTuneMlp(network([3, 2, 2, 2], 0), smallInputs(8, 3, 2), options)).rejects.toThrow(
      "one hidden layer",
    );
  });
});
