import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allIntact, coalitionsOf } from "../../src/coalitions/coalition.js";
import { type Random, randomOrdering, randomStream } from "../../src/coalitions/random.js";
import type { LabelledInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { type DeepMlpGameOptions, deepMlpGame } from "../../src/lesion/deep-mlp-game.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { scoreNames } from "../../src/lesion/scores.js";
import { type DeepMlp, deepFromMlp, deepMlp } from "../../src/networks/mlp/deep.js";
import { smallInputs, smallMlp } from "../networks/mlp/small.js";

const uniform = (random: Random) => random.next() / 2 ** 31;
const numbers = (random: Random, length: number, scale = 1) =>
  Float32Array.from({ length }, () => scale * uniform(random));

/** A network of these widths whose activations stay near 1, and inputs for it. */
function randomCase(
  widths: readonly number[],
  count: number,
  seed: number,
): { network: DeepMlp; data: LabelledInputs } {
  const random = randomStream(seed);
  const layers = widths.slice(1).map((outputs, l) => ({
    weights: numbers(random, outputs * widths[l], 2 / Math.sqrt(widths[l])),
    biases: numbers(random, outputs, 0.5),
  }));
  const classes = widths[widths.length - 1];
  const slopes = widths.slice(2).map((_, l) => [0.01, 0, 0.3][l % 3]);
  const data: LabelledInputs = {
    name: "made up",
    inputs: numbers(random, count * widths[0], 2),
    labels: Uint8Array.from({ length: count }, () => (random.next() >>> 0) % classes),
    count,
    features: widths[0],
    classes,
    sha256: "0",
  };
  return { network: deepMlp(layers, slopes), data };
}

/** Logits `[count, classes]` of the network run from the start in float64; `intact` are names of units. */
function fullLogits(
  network: DeepMlp,
  data: LabelledInputs,
  { layers, lesion = "zero", place = "pre-activation" }: DeepMlpGameOptions,
  intact: ReadonlySet<string>,
): number[] {
  const leaky = (x: number, l: number) => (x > 0 ? x : network.negativeSlopes[l] * x);
  const sums = (values: number[][], l: number) =>
    values.map((row) =>
      Array.from({ length: network.layers[l].outputs }, (_, i) =>
        row.reduce((sum, x, j) => sum + network.layers[l].weights[i * row.length + j] * x, network.layers[l].biases[i]),
      ),
    );
  const run = (change: (l: number, received: number[][], said: number[][]) => number[][]) => {
    let values = Array.from({ length: data.count }, (_, b) =>
      Array.from(data.inputs.subarray(b * data.features, (b + 1) * data.features)),
    );
    for (let l = 0; l < network.layers.length - 1; l++) {
      const received = sums(values, l);
      values = change(
        l,
        received,
        received.map((row) => row.map((x) => leaky(x, l))),
      );
    }
    return sums(values, network.layers.length - 1).flat();
  };
  const means: number[][] = [];
  run((l, received, said) => {
    const mean = (rows: number[][], unit: number) => rows.reduce((sum, row) => sum + row[unit] / data.count, 0);
    means[l] = received[0].map((_, unit) =>
      place === "activation" ? mean(said, unit) : leaky(mean(received, unit), l),
    );
    return said;
  });
  return run((l, _received, said) => {
    if (layers && !layers.includes(l + 1)) return said;
    return said.map((row) =>
      row.map((x, unit) => (intact.has(`hidden${l + 1}/${unit}`) ? x : lesion === "zero" ? 0 : means[l][unit])),
    );
  });
}

const lesions = [
  { lesion: "zero", place: "pre-activation" },
  { lesion: "mean", place: "pre-activation" },
  { lesion: "mean", place: "activation" },
] as const;

const anyCase = fc
  .record({
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    ends: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })),
    count: fc.integer({ min: 1, max: 40 }),
    chosen: fc.integer({ min: 1, max: 15 }),
    lesion: fc.constantFrom(...lesions),
    seed: fc.nat(),
  })
  .map(({ hidden, ends, count, chosen, lesion, seed }) => {
    const some = hidden.map((_, l) => l + 1).filter((layer) => (chosen >> (layer - 1)) & 1);
    const options: DeepMlpGameOptions = { ...lesion, score: "logits", layers: some.length > 0 ? some : [1] };
    // A mean needs two inputs.
    const inputs = lesion.lesion === "mean" ? count + 1 : count;
    return { ...randomCase([ends[0], ...hidden, ends[1]], inputs, seed), options, seed };
  });

function expectNear(values: ArrayLike<number>, expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(values[i] - value) / scale).toBeLessThan(1e-4));
}

describe("deepMlpGame", () => {
  it("has, after every return of a unit, the logits of the network run from the start", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ network, data, options, seed }) => {
        const game = await deepMlpGame(network, data, options);
        const ordering = randomOrdering(randomStream(seed), game.units.length);
        const walked: Float64Array[] = [];
        await game.walk?.(ordering, (_rank, values) => walked.push(Float64Array.from(values)));
        expect(walked.length).toBe(game.units.length);
        walked.forEach((values, rank) => {
          const intact = new Set(Array.from(ordering.subarray(0, rank + 1), (unit) => game.units[unit]));
          expectNear(values, fullLogits(network, data, options, intact));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("evaluates any coalitions to the logits of the network run from the start, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ network, data, options, seed }) => {
        const game = await deepMlpGame(network, data, options);
        const random = randomStream(seed);
        const some = Array.from({ length: 3 }, () =>
          game.units.map((_, unit) => unit).filter(() => uniform(random) > 0),
        );
        const coalitions = [[], ...some, game.units.map((_, unit) => unit)];
        const values = await game.evaluate(coalitionsOf(game.units.length, coalitions));
        const expected = coalitions.flatMap((intact) =>
          fullLogits(network, data, options, new Set(intact.map((unit) => game.units[unit]))),
        );
        expectNear(values, expected);
      }),
      { numRuns: 40 },
    );
  });

  it("plays the game of mlpGame where there is one hidden layer, for every score and lesion", async () => {
    const mlp = smallMlp({ inputs: 5, hidden: 11, outputs: 4 });
    const data = smallInputs(37, 5, 4);
    for (const score of scoreNames) {
      for (const lesion of lesions) {
        const [deep, flat] = await Promise.all([
          deepMlpGame(deepFromMlp(mlp), data, { score, ...lesion }),
          mlpGame(mlp, data, { score, ...lesion }),
        ]);
        expect(deep.outputShape).toEqual(flat.outputShape);
        const [a, b] = [await shapley(deep, { orderings: 20 }), await shapley(flat, { orderings: 20 })];
        expectNear(a.values, Array.from(b.values));
        if (lesion.lesion === "zero") expect(a.values).toEqual(b.values);
      }
    }
  });

  it("counts predictions of 256 classes, and nothing but the inputs, where these fill no whole tile", async () => {
    const { network, data } = randomCase([5, 4, 6, 256], 1000, 2);
    const ofLast = data.labels.filter((label) => label === 255).length;
    network.layers[2].biases[255] = 1000; // so it is always predicted
    const last = async (score: (typeof scoreNames)[number]) => {
      const values = await (await deepMlpGame(network, data, { score })).evaluate(coalitionsOf(10, [[1, 5]]));
      return values[values.length - 1];
    };
    expect(await last("accuracy")).toBe(ofLast / 1000);
    expect(await last("class-accuracy")).toBe(1);
    expect(await last("class-precision")).toBe(ofLast / (1000 + 1e-6));
    const wider = randomCase([5, 4, 6, 257], 10, 2);
    await expect(deepMlpGame(wider.network, wider.data)).rejects.toThrow(
      "invalid network; expected at most 256 classes",
    );
  });

  it("gives modes that add up to v(all) - v(none) over several layers, the same bytes each time", async () => {
    const { network, data } = randomCase([6, 8, 5, 4], 50, 3);
    const game = await deepMlpGame(network, data, { score: "probabilities" });
    const modes = await shapley(game, { orderings: 30, seed: 0 });
    expect(modes.efficiencyGap).toBeLessThan(1e-5);
    await game.evaluate(allIntact(game.units.length));
    expect((await shapley(game, { orderings: 30, seed: 0 })).values).toEqual(modes.values);
  });

  it("refuses the mean over one input, and over inputs that are all the same", async () => {
    const { network, data } = randomCase([6, 8, 5, 4], 1, 3);
    const twice = { ...data, count: 2, inputs: Float32Array.of(...data.inputs, ...data.inputs) };
    for (const [same, received] of [
      [data, "1 input"],
      [{ ...twice, labels: Uint8Array.of(0, 1) }, "2 equal inputs"],
    ] as const) {
      await expect(deepMlpGame(network, same, { lesion: "mean" })).rejects.toThrow(
        `invalid lesion mean; expected two or more inputs that differ, or { mean: inputs } over a reference set where the game takes one (the mean over one input is that input, so each unit would be replaced by itself); received "${received}"`,
      );
      const mlp = smallMlp({ inputs: 6, hidden: 3, outputs: 4 });
      await expect(mlpGame(mlp, same, { lesion: "mean" })).rejects.toThrow("invalid lesion mean; expected two or more");
      expect((await deepMlpGame(network, same)).units.length).toBe(13);
    }
  });

  it("keeps two computations on one game apart, however they take turns", async () => {
    const { network, data } = randomCase([40, 60, 60, 60, 4], 200, 4);
    const game = await deepMlpGame(network, data);
    const alone = await shapley(game, { orderings: 4, seed: 1 });
    const both = await Promise.all([1, 2].map((seed) => shapley(game, { orderings: 4, seed })));
    expect(both[0].values).toEqual(alone.values);
  });

  it("names units by layer, from the lesioned layers alone, and states what is played", async () => {
    const { network, data } = randomCase([3, 2, 4, 3, 2], 5, 1);
    const names = async (layers?: readonly number[]) =>
      (await deepMlpGame(network, data, layers ? { layers } : {})).units.join(" ");
    expect(await names([1, 3])).toBe("hidden1/0 hidden1/1 hidden3/0 hidden3/1 hidden3/2");
    expect(await names([3, 1])).toBe(await names([1, 3]));
    expect((await names()).split(" ").length).toBe(9);
    const { provenance } = await deepMlpGame(network, data, { layers: [2], lesion: "mean", score: "accuracy" });
    expect(provenance).toMatchObject({
      lesioned_layers: [2],
      lesion: "mean",
      network: "mlp 3-2-4-3-2",
      score: "accuracy",
      inputs: "made up",
    });
  });

  it("refuses layers that are none, inputs that do not fit and weights that are no numbers", async () => {
    const { network, data } = randomCase([3, 2, 4, 2], 5, 1);
    for (const [layers, problem] of [
      [[3], "invalid layer; expected the number of a hidden layer, 1 to 2; received 3"],
      [[0], "received 0"],
      [[1.5], "received 1.5"],
      [[], "invalid layers; expected at least one hidden layer, each once; received []"],
      [[1, 1], "received [1, 1]"],
      ["hidden1", 'invalid layers; expected a list of numbers of hidden layers; received "hidden1"'],
    ] as const) {
      await expect(deepMlpGame(network, data, { layers: layers as never })).rejects.toThrow(problem);
    }
    const other = randomCase([4, 2, 2], 5, 1).data;
    await expect(deepMlpGame(network, other)).rejects.toThrow("invalid network; expected 4 inputs");
    for (const l of [0, 1, 2]) {
      const broken = structuredClone(network);
      broken.layers[l].weights[1] = Number.NaN;
      await expect(deepMlpGame(broken, data)).rejects.toThrow("invalid network; expected finite");
    }
  });
});
