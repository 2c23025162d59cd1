import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { randomStreams } from "../../../src/coalitions/random-streams.js";
import { drawShapes, shapeInputs } from "../../../src/datasets/shapes/drawn-shapes.js";
import { cnnAccuracies } from "../../../src/experiments/cnn/game.js";
import { channelMagnitudes } from "../../../src/experiments/cnn/magnitudes.js";
import type { Parameter } from "../../../src/networks/dcgan/parameters.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { floatsOf } from "../../../src/networks/onnx/narrow/stored-tensors.js";
import { listResiduals, residualCheckpoint } from "../../../src/networks/residual/checkpoints.js";
import { residualOnnx } from "../../../src/networks/residual/onnx-export.js";
import { readResidual } from "../../../src/networks/residual/read-residual.js";
import { foldedResidual, inHalfPrecision } from "../../../src/networks/residual/residual.js";
import { type Convolution, type ResidualShape, residualLayers } from "../../../src/networks/residual/shape.js";
import { initialNorms, initialResidual } from "../../../src/networks/residual/training-state.js";

const folder = mkdtempSync(join(tmpdir(), "residual-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shape: ResidualShape = { size: 8, stem: 2, widths: [2, 3], strides: [2, 1], classes: 3 };
const layers = residualLayers(shape);
const random = randomStreams(9)(0);
const uniform = (low: number, high: number) => low + ((high - low) * (random.next() >>> 0)) / 2 ** 32;
/** Parameters and statistics that are none of the values which training begins with. */
const state: Parameter[] = [...initialResidual(layers, shape, random), ...initialNorms(layers)].map((parameter) =>
  /filter|dense/.test(parameter.name)
    ? parameter
    : {
        ...parameter,
        data: parameter.data.map(() => (/variance|scale/.test(parameter.name) ? uniform(0.5, 2) : uniform(-1, 1))),
      },
);
const data = (name: string) => state.find((parameter) => parameter.name === name)!.data;
const network = foldedResidual(shape, state);

type Image = number[][][]; // [channels][rows][columns]

/**
 * A convolution with its BatchNorm as they are written down: sums over taps, then (x - mean) / sqrt(variance + 1e-5)
 * scale + shift.
 */
function normalised(x: Image, { name, kernel, inputs, outputs, stride }: Convolution): Image {
  const side = x[0].length / stride;
  const edge = kernel === 3 ? 1 : 0;
  return Array.from({ length: outputs }, (_, o) =>
    Array.from({ length: side }, (_, row) =>
      Array.from({ length: side }, (_, column) => {
        let sum = 0;
        for (let a = 0; a < kernel; a++) {
          for (let b = 0; b < kernel; b++) {
            for (let i = 0; i < inputs; i++) {
              const value = x[i][stride * row + a - edge]?.[stride * column + b - edge] ?? 0;
              sum += value * data(`${name}.filter`)[((a * kernel + b) * inputs + i) * outputs + o];
            }
          }
        }
        const [mean, variance] = [data(`${name}.mean`)[o], data(`${name}.variance`)[o]];
        return ((sum - mean) / Math.sqrt(variance + 1e-5)) * data(`${name}.scale`)[o] + data(`${name}.shift`)[o];
      }),
    ),
  );
}

const map = (x: Image, f: (value: number, c: number, r: number, k: number) => number): Image =>
  x.map((channel, c) => channel.map((row, r) => row.map((value, k) => f(value, c, r, k))));
const silu = (x: Image) => map(x, (value) => value / (1 + Math.exp(-value)));

function logitsOf(image: Image, lesioned: ReadonlySet<string> = new Set()): number[] {
  let x = silu(normalised(image, layers.stem));
  for (const { name, first, second, shortcut } of layers.blocks) {
    const inner = normalised(silu(normalised(x, first)), second);
    const beside = shortcut ? normalised(x, shortcut) : x;
    x = silu(map(inner, (value, c, r, k) => value + beside[c][r][k]));
    x = map(x, (value, c) => (lesioned.has(`${name}/${c}`) ? 0 : value));
  }
  const means = x.map((channel) => channel.flat().reduce((sum, value) => sum + value, 0) / channel.flat().length);
  return Array.from(data("dense.biases"), (bias, k) =>
    means.reduce((sum, mean, c) => sum + mean * data("dense.weights")[c * shape.classes + k], bias),
  );
}

describe("residualOnnx", () => {
  const image: Image = Array.from({ length: 3 }, () =>
    Array.from({ length: 8 }, () => Array.from({ length: 8 }, () => uniform(0, 1))),
  );
  const rows = { count: 1, data: [Float32Array.from(image.flat(2))] };

  it("computes what the layers with their BatchNorms do, intact and lesioned", async () => {
    const onnx = await loadOnnx(residualOnnx(network));
    const sites = onnx.sites.filter(({ name }) => /^block\d$/.test(name));
    expect(sites.map(({ name, units }) => `${name} ${units}`)).toEqual(["block1 2", "block2 3"]);
    const lesions = sites.map((site) => ({
      site,
      replacement: new Float32Array(site.shape.reduce((a, b) => a * b, 1)),
    }));
    const prepared = await onnx.prepare(rows, lesions, "logits");
    const intact = [Uint8Array.of(1, 1, 0, 1), Uint8Array.of(1, 1, 1, 1, 0, 1)];
    const both = await prepared.run({ coalitions: 2, from: 0, to: 1, intact });
    const wanted = [...logitsOf(image), ...logitsOf(image, new Set(["block1/0", "block2/1"]))];
    both.forEach((logit, i) => expect(logit).toBeCloseTo(wanted[i], 5));
    prepared.dispose();
  });

  it("is read again number by number", async () => {
    const path = join(folder, "network.onnx");
    writeFileSync(path, residualOnnx(network));
    expect(await readResidual(path, shape)).toEqual(network);
    await expect(readResidual(path, { ...shape, classes: 4 })).rejects.toThrow("holds no 12 numbers dense/weights");
    const half = inHalfPrecision(network);
    expect(inHalfPrecision(half)).toEqual(half);
    half.denseWeights.forEach((value, i) => expect(value).toBeCloseTo(network.denseWeights[i], 3));
  });
});

describe("channelMagnitudes", () => {
  it("averages the mean absolute weights that come in and go out", () => {
    const equal = foldedResidual(
      shape,
      state.map((parameter) => {
        const value = { filter: -0.5, weights: 2 }[parameter.name.split(".")[1]];
        if (value !== undefined) return { ...parameter, data: parameter.data.map(() => value) };
        // slope 2 for the second convolutions, 1 for all others
        const one = /variance/.test(parameter.name) ? 1 - 1e-5 : /second.scale/.test(parameter.name) ? 2 : 1;
        return { ...parameter, data: parameter.data.map(() => one) };
      }),
    );
    const { units, values } = channelMagnitudes(equal);
    expect(units).toEqual(["block1/0", "block1/1", "block2/0", "block2/1", "block2/2"]);
    // block1: in 18 weights of 1 and 2 of 0.5, out 0.5. block2: in 27 of 1 and 2 of 0.5, out 2.
    const wanted = [(19 / 20 + 0.5) / 2, ((27 + 1) / 29 + 2) / 2];
    [0, 0, 1, 1, 1].forEach((block, u) => expect(values[u]).toBeCloseTo(wanted[block], 5));
  });
});

it("floatsOf takes a tensor's own numbers out of a Buffer, whose slice is a view", () => {
  const file = Buffer.from(Float32Array.of(7, 1, 2, 9).buffer);
  expect(floatsOf({ dims: [2n], dataType: 1, rawData: file.subarray(4, 12) })).toEqual(Float32Array.of(1, 2));
});

describe("the committed networks", () => {
  const known = Object.values(listResiduals());

  it("has one of each kind that is right for more than nine scenes of ten", () => {
    expect(new Set(known.map(({ regulariser }) => regulariser))).toEqual(new Set(["l1", "l2", "none"]));
    for (const { testAccuracy } of known) expect(testAccuracy).toBeGreaterThan(0.9);
  });

  it("loads one with 248 players that is as good as metrics.json says", async () => {
    const checkpoint = await residualCheckpoint({ regulariser: "l1", trial: 0 });
    const test = shapeInputs(drawShapes({ count: 200, seed: 2 }));
    const [accuracy, without] = await cnnAccuracies(checkpoint, test, [Array(248).keys(), []]);
    const stated = known.find(({ regulariser }) => regulariser === "l1")!.testAccuracy;
    // These are the first 200 of its 2000: within four standard errors of a share.
    expect(Math.abs(accuracy - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / 200));
    expect(without).toBeCloseTo(0.1, 12); // one answer for all, and classes in turn
  });

  it("refuses one that there is not, by the names of those that there are", async () => {
    await expect(residualCheckpoint({ regulariser: "l1", trial: 77 })).rejects.toThrow(/one of those in .*l1-0.*l1-77/);
  });
});
