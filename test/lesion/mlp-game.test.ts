import { describe, expect, it } from "vitest";
import { allIntact, coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomOrdering } from "../../src/coalitions/random.js";
import { type Random, randomStream } from "../../src/coalitions/random-streams.js";
import type { LabelledInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Lesion, LesionPlace } from "../../src/lesion/lesion.js";
import { type MlpGameOptions, mlpGame } from "../../src/lesion/mlp-game.js";
import { networkGame } from "../../src/lesion/network-game.js";
import type { AnyScore } from "../../src/lesion/output-score.js";
import { scoreNames } from "../../src/lesion/scores.js";
import { hiddenSites, type Mlp, mlpNetwork, widthsText } from "../../src/networks/mlp/mlp.js";
import { siteNames } from "../../src/networks/sites.js";
import { fc } from "../helpers/properties.js";
import { smallMlp } from "../networks/mlp/small.js";

const hidden = 7;
const count = 37;
const random = randomStream(3);
const numbers = (length: number, scale = 1) => Float32Array.from({ length }, () => (scale * random.next()) / 2 ** 31);
const hiddenLayer = { weights: numbers(hidden * 5), biases: numbers(hidden) };
const outputLayer = { weights: numbers(4 * hidden, 2), biases: numbers(4) };
const mlp = mlpNetwork([hiddenLayer, outputLayer], 0.1);
const data: LabelledInputs = {
  name: "made up",
  inputs: numbers(count * 5, 3),
  labels: Uint8Array.from({ length: count }, () => (random.next() >>> 0) % 3), // class 3 has no inputs
  count,
  features: 5,
  classes: 4,
  sha256: "0",
};

/** The network run from the start for one coalition, in float64: logits `[count, classes]`. */
function fullLogits(
  intact: readonly number[],
  { lesion = "zero", place = "pre-activation" }: MlpGameOptions,
): number[][] {
  const leaky = (x: number) => (x > 0 ? x : 0.1 * x);
  const before = Array.from({ length: count }, (_, b) =>
    Array.from({ length: hidden }, (_, u) => {
      let sum = hiddenLayer.biases[u];
      for (let i = 0; i < 5; i++) sum += hiddenLayer.weights[u * 5 + i] * data.inputs[b * 5 + i];
      return sum;
    }),
  );
  const mean = (u: number, f: (x: number) => number) => before.reduce((sum, row) => sum + f(row[u]) / count, 0);
  const lesioned = Array.from({ length: hidden }, (_, u) => {
    if (lesion === "zero") return 0;
    return place === "activation" ? mean(u, leaky) : leaky(mean(u, (x) => x));
  });
  return before.map((row) =>
    Array.from({ length: 4 }, (_, k) =>
      row.reduce(
        (sum, x, u) => sum + outputLayer.weights[k * hidden + u] * (intact.includes(u) ? leaky(x) : lesioned[u]),
        outputLayer.biases[k],
      ),
    ),
  );
}

/** The scores, straight from their definitions. */
const definitions: Record<(typeof scoreNames)[number], (logits: number[][]) => number[]> = {
  "class-precision": (logits) => perClass(logits, (right, predicted) => right / (predicted + 1e-6)),
  "class-accuracy": (logits) => perClass(logits, (right, _, ofClass) => (ofClass === 0 ? 0 : right / ofClass)),
  accuracy: (logits) => [predictions(logits).filter((k, b) => k === data.labels[b]).length / count],
  logits: (logits) => logits.flat(),
  probabilities: (logits) => logits.flatMap(softmax),
  "log-probability": (logits) => logits.map((row, b) => Math.log(softmax(row)[data.labels[b]])),
  "cross-entropy": (logits) => [
    logits.reduce((sum, row, b) => sum - Math.log(softmax(row)[data.labels[b]]), 0) / count,
  ],
};
const predictions = (logits: number[][]) => logits.map((row) => row.indexOf(Math.max(...row)));
const softmax = (row: number[]) => {
  const parts = row.map(Math.exp);
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};
function perClass(logits: number[][], score: (right: number, predicted: number, ofClass: number) => number): number[] {
  const answers = predictions(logits);
  return [0, 1, 2, 3].map((k) => {
    const right = answers.filter((answer, b) => answer === k && data.labels[b] === k).length;
    return score(right, answers.filter((answer) => answer === k).length, data.labels.filter((l) => l === k).length);
  });
}

const someCoalitions = [[], [0, 1, 2, 3, 4, 5, 6], [3], [0, 6], [1, 2, 4, 5]];
const lesions: MlpGameOptions[] = [
  { lesion: "zero", place: "pre-activation" },
  { lesion: "zero", place: "activation" },
  { lesion: "mean", place: "pre-activation" },
  { lesion: "mean", place: "activation" },
];

describe("mlpGame", () => {
  it.each(scoreNames)("gives the %s of the network run from the start, for every lesion", async (score) => {
    for (const lesion of lesions) {
      const game = await mlpGame(mlp, data, { score, ...lesion });
      const values = await game.evaluate(coalitionsOf(hidden, someCoalitions));
      const expected = someCoalitions.flatMap((intact) => definitions[score](fullLogits(intact, lesion)));
      expect(values.length).toBe(expected.length);
      values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
    }
  });

  it("walks to the same values as it evaluates", async () => {
    const ordering = randomOrdering(randomStream(1), hidden);
    for (const score of scoreNames) {
      const game = await mlpGame(mlp, data, { score });
      const walked: number[][] = [];
      await game.walk?.(ordering, (_rank, values) => walked.push(Array.from(values)));
      for (let rank = 0; rank < hidden; rank++) {
        const direct = await game.evaluate(coalitionsOf(hidden, [ordering.subarray(0, rank + 1)]));
        direct.forEach((value, i) => expect(walked[rank][i]).toBeCloseTo(value, 4));
      }
    }
  });

  it("does not tell 'zero' before a leaky ReLU from 'zero' behind it, but the two means", async () => {
    const [before, behind, meanBefore, meanBehind] = await Promise.all(
      lesions.map(async (lesion) => {
        const game = await mlpGame(mlp, data, { score: "logits", ...lesion });
        return game.evaluate(coalitionsOf(hidden, [[2]]));
      }),
    );
    expect(before).toEqual(behind);
    expect(meanBefore).not.toEqual(meanBehind);
    expect(meanBefore).not.toEqual(before);
  });

  it("names its units and states what is played", async () => {
    const game = await mlpGame(mlp, data, { score: "accuracy", lesion: "mean", place: "activation" });
    expect(game.units.slice(0, 2)).toEqual(["hidden/0", "hidden/1"]);
    expect(game.outputShape).toEqual([]);
    expect(game.provenance).toMatchObject({
      score: "accuracy",
      lesion: "mean",
      lesion_place: "activation",
      inputs: "made up",
      network: "mlp 5-7-4",
    });
    expect((await mlpGame(mlp, data, { score: "probabilities" })).outputShape).toEqual([count, 4]);
  });

  it("refuses inputs that do not fit, options that are none, and a network with weights that are no numbers", async () => {
    const wider = mlpNetwork([{ ...hiddenLayer, weights: numbers(hidden * 6) }, outputLayer]);
    await expect(mlpGame(wider, data)).rejects.toThrow("invalid network; expected 5 inputs");
    await expect(mlpGame({} as never, data)).rejects.toThrow("invalid network; expected an Mlp");
    await expect(mlpGame(mlp, data, { score: "guess" as never })).rejects.toThrow("invalid score; expected one of");
    await expect(mlpGame(mlp, data, { lesion: "hammer" as never })).rejects.toThrow("invalid lesion");
    await expect(mlpGame(mlp, data, { place: "here" as never })).rejects.toThrow("invalid place");
    const broken = mlpNetwork([hiddenLayer, { ...outputLayer, biases: Float32Array.of(0, Number.NaN, 0, 0) }]);
    await expect(mlpGame(broken, data)).rejects.toThrow(
      "invalid network; expected finite activations on these inputs; received NaN",
    );
    const weights = outputLayer.weights.slice();
    weights[3] = Number.NaN;
    await expect(mlpGame(mlpNetwork([hiddenLayer, { ...outputLayer, weights }]), data)).rejects.toThrow(
      "invalid network",
    );
  });
});

const uniform = (random: Random) => random.next() / 2 ** 31;
const drawn = (random: Random, length: number, scale = 1) =>
  Float32Array.from({ length }, () => scale * uniform(random));

/** A network of these widths whose activations stay near 1, and inputs for it. */
function randomCase(widths: readonly number[], count: number, seed: number): { network: Mlp; data: LabelledInputs } {
  const random = randomStream(seed);
  const layers = widths.slice(1).map((outputs, l) => ({
    weights: drawn(random, outputs * widths[l], 2 / Math.sqrt(widths[l])),
    biases: drawn(random, outputs, 0.5),
  }));
  const classes = widths[widths.length - 1];
  const slopes = widths.slice(2).map((_, l) => [0.01, 0, 0.3][l % 3]);
  const data: LabelledInputs = {
    name: "made up",
    inputs: drawn(random, count * widths[0], 2),
    labels: Uint8Array.from({ length: count }, () => (random.next() >>> 0) % classes),
    count,
    features: widths[0],
    classes,
    sha256: "0",
  };
  return { network: mlpNetwork(layers, slopes), data };
}

/** Logits `[count, classes]` of a network run from the start in float64; `intact` are names of units. */
function logitsOfDepth(
  network: Mlp,
  data: LabelledInputs,
  { sites, lesion = "zero", place = "pre-activation" }: MlpGameOptions,
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
    const { name } = hiddenSites(network)[l];
    if (sites && !siteNames(sites).includes(name)) return said;
    return said.map((row) =>
      row.map((x, unit) => (intact.has(`${name}/${unit}`) ? x : lesion === "zero" ? 0 : means[l][unit])),
    );
  });
}

const lesionsOfDepth = [
  { lesion: "zero", place: "pre-activation" },
  { lesion: "mean", place: "pre-activation" },
  { lesion: "mean", place: "activation" },
] as const;
const layerName = (layer: number) => `hidden${layer}`;

const anyCase = fc
  .record({
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    ends: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })),
    count: fc.integer({ min: 1, max: 40 }),
    chosen: fc.integer({ min: 1, max: 15 }),
    lesion: fc.constantFrom(...lesionsOfDepth),
    seed: fc.nat(),
  })
  .map(({ hidden, ends, count, chosen, lesion, seed }) => {
    const some = hidden.map((_, l) => l + 1).filter((layer) => (chosen >> (layer - 1)) & 1);
    const sites = (some.length > 0 ? some : [1]).map((layer) => (hidden.length === 1 ? "hidden" : layerName(layer)));
    const options: MlpGameOptions = { ...lesion, score: "logits", sites };
    // A mean needs two inputs.
    const inputs = lesion.lesion === "mean" ? count + 1 : count;
    return { ...randomCase([ends[0], ...hidden, ends[1]], inputs, seed), options, seed };
  });

function expectNear(values: ArrayLike<number>, expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(values[i] - value) / scale).toBeLessThan(1e-4));
}

describe("mlpGame of any number of hidden layers", () => {
  it("plays inputs as units of a layer that puts out what it receives", async () => {
    const { network, data } = randomCase([5, 6, 4], 37, 9);
    const identity = {
      weights: Float32Array.from({ length: 25 }, (_, i) => Number(i % 6 === 0)),
      biases: new Float32Array(5),
    };
    const longer = mlpNetwork([identity, ...network.layers], [1, ...network.negativeSlopes]);
    for (const lesion of ["zero", "mean", { constant: -0.5 }] as const) {
      for (const score of scoreNames) {
        const own = await shapley(await mlpGame(network, data, { sites: ["input"], lesion, score }), {
          orderings: 20,
          seed: 1,
        });
        const there = await shapley(await mlpGame(longer, data, { sites: ["hidden1"], lesion, score }), {
          orderings: 20,
          seed: 1,
        });
        expect(own.units).toEqual(["input/0", "input/1", "input/2", "input/3", "input/4"]);
        expect(own.values).toEqual(there.values);
      }
    }
  });

  it("has, after every return of a unit, the logits of the network run from the start", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ network, data, options, seed }) => {
        const game = await mlpGame(network, data, options);
        const ordering = randomOrdering(randomStream(seed), game.units.length);
        const walked: Float64Array[] = [];
        await game.walk?.(ordering, (_rank, values) => walked.push(Float64Array.from(values)));
        expect(walked.length).toBe(game.units.length);
        walked.forEach((values, rank) => {
          const intact = new Set(Array.from(ordering.subarray(0, rank + 1), (unit) => game.units[unit]));
          expectNear(values, logitsOfDepth(network, data, options, intact));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("evaluates any coalitions to the logits of the network run from the start, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ network, data, options, seed }) => {
        const game = await mlpGame(network, data, options);
        const random = randomStream(seed);
        const some = Array.from({ length: 3 }, () =>
          game.units.map((_, unit) => unit).filter(() => uniform(random) > 0),
        );
        const coalitions = [[], ...some, game.units.map((_, unit) => unit)];
        const values = await game.evaluate(coalitionsOf(game.units.length, coalitions));
        const expected = coalitions.flatMap((intact) =>
          logitsOfDepth(network, data, options, new Set(intact.map((unit) => game.units[unit]))),
        );
        expectNear(values, expected);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [[11], ["hidden"]],
    [
      [6, 5],
      ["hidden1", "hidden2"],
    ],
    [[6, 5], ["input"]],
    [[11], ["input", "hidden"]],
  ])("is the game of networkGame on its face (hidden %j, sites %j)", async (widths, sites) => {
    const { network, data } = randomCase([5, ...widths, 4], 37, 8);
    const others = Float32Array.from(data.inputs, (x) => x / 2);
    const lesions: Lesion[] = [
      "zero",
      "mean",
      { constant: 0.5 },
      { mean: others },
      { activation: others.slice(0, 5) },
      { activation: others },
      { background: others.slice(0, 15) },
    ];
    const named = ["output", "output:1-2", "mean-output", "mean-output:3", "log-probability:2"] as const;
    const scores: AnyScore[] = [...scoreNames, ...named, (output) => output[0]];
    const groups = { both: [`${sites[0]}/0`, `${sites[0]}/4`], one: [`${sites[0]}/2`] };
    for (const [played, all] of [
      [scores, lesions.slice(0, 1)],
      [["output"] as const, lesions],
    ] as const) {
      for (const score of played) {
        for (const lesion of all) {
          for (const grouped of [{}, { groups }]) {
            const own = await mlpGame(network, data, { score, lesion, place: "activation", sites, ...grouped });
            const other = await networkGame(network, data, { score, lesion, sites, ...grouped });
            expect(own.units).toEqual(other.units);
            expect(own.outputShape).toEqual(other.outputShape);
            expect(own.provenance?.network).toBe(`mlp ${widthsText(network)}`);
            expect(own.provenance?.activation).toMatch(/^leaky-relu:0.01/);
            const some = { orderings: 5 };
            const [a, b] = [await shapley(own, some), await shapley(other, some)];
            expectNear(a.values, Array.from(b.values));
          }
        }
      }
    }
  });

  it("replaces a constant before the activation by what the activation makes of it", async () => {
    const { network, data } = randomCase([5, 4, 3, 2], 9, 8);
    const options = { sites: ["hidden1"], score: "output" } as const;
    const values = async (place: LesionPlace, constant: number) =>
      (await mlpGame(network, data, { ...options, lesion: { constant }, place })).evaluate(coalitionsOf(4, [[], [1]]));
    expect(await values("pre-activation", -2)).toEqual(await values("activation", Math.fround(-0.02)));
    expect(await values("pre-activation", 2)).toEqual(await values("activation", 2));
    const { provenance } = await mlpGame(network, data, { ...options, lesion: { mean: data.inputs } });
    expect(provenance).toMatchObject({ lesion: "mean", lesion_inputs_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it("counts predictions of 256 classes, and nothing but the inputs, where these fill no whole tile", async () => {
    const { network, data } = randomCase([5, 4, 6, 256], 1000, 2);
    const ofLast = data.labels.filter((label) => label === 255).length;
    network.layers[2].biases[255] = 1000; // so it is always predicted
    const last = async (score: (typeof scoreNames)[number]) => {
      const values = await (await mlpGame(network, data, { score })).evaluate(coalitionsOf(10, [[1, 5]]));
      return values[values.length - 1];
    };
    expect(await last("accuracy")).toBe(ofLast / 1000);
    expect(await last("class-accuracy")).toBe(1);
    expect(await last("class-precision")).toBe(ofLast / (1000 + 1e-6));
    const wider = randomCase([5, 4, 6, 257], 10, 2);
    await expect(mlpGame(wider.network, wider.data)).rejects.toThrow("invalid network; expected at most 256 classes");
  });

  it("gives modes that add up to v(all) - v(none) over several layers, the same bytes each time", async () => {
    const { network, data } = randomCase([6, 8, 5, 4], 50, 3);
    const game = await mlpGame(network, data, { score: "probabilities" });
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
      await expect(mlpGame(network, same, { lesion: "mean" })).rejects.toThrow(
        `invalid lesion mean; expected two or more inputs that differ, or { mean: inputs } over a reference set where the game takes one (the mean over one input is that input, so each unit would be replaced by itself); received "${received}"`,
      );
      const shallow = smallMlp({ inputs: 6, hidden: 3, outputs: 4 });
      await expect(mlpGame(shallow, same, { lesion: "mean" })).rejects.toThrow(
        "invalid lesion mean; expected two or more",
      );
      expect((await mlpGame(network, same)).units.length).toBe(13);
    }
  });

  it("keeps two computations on one game apart, however they take turns", async () => {
    const { network, data } = randomCase([40, 60, 60, 60, 4], 200, 4);
    const game = await mlpGame(network, data);
    const alone = await shapley(game, { orderings: 4, seed: 1 });
    const both = await Promise.all([1, 2].map((seed) => shapley(game, { orderings: 4, seed })));
    expect(both[0].values).toEqual(alone.values);
  });

  it("names units by layer, from the lesioned layers alone, and states what is played", async () => {
    const { network, data } = randomCase([3, 2, 4, 3, 2], 5, 1);
    const names = async (layers?: readonly number[]) =>
      (await mlpGame(network, data, layers ? { sites: layers.map(layerName) } : {})).units.join(" ");
    expect(await names([1, 3])).toBe("hidden1/0 hidden1/1 hidden3/0 hidden3/1 hidden3/2");
    expect(await names([3, 1])).toBe(await names([1, 3]));
    const labelled = await mlpGame(network, data, { sites: { b: "hidden3", a: "hidden1" } });
    expect(labelled.units).toEqual(["a/0", "a/1", "b/0", "b/1", "b/2"]);
    expect((await names()).split(" ").length).toBe(9);
    const { provenance } = await mlpGame(network, data, { sites: ["hidden2"], lesion: "mean", score: "accuracy" });
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
    for (const [sites, problem] of [
      [["hidden3"], "invalid site; expected one of the network's 3 sites, such as the nearest: hidden1"],
      [["hidden0"], 'received "hidden0"'],
      [[1], "invalid site; expected the name of a site; received 1"],
      [[], "invalid sites; expected at least one site; received []"],
      [["hidden1", "hidden1"], 'invalid sites; expected every site once; received "hidden1"'],
      ["hidden1", 'invalid sites; expected a list of names of sites, or an object of such names; received "hidden1"'],
    ] as const) {
      await expect(mlpGame(network, data, { sites: sites as never })).rejects.toThrow(problem);
    }
    const other = randomCase([4, 2, 2], 5, 1).data;
    await expect(mlpGame(network, other)).rejects.toThrow("invalid network; expected 4 inputs");
    for (const l of [0, 1, 2]) {
      const layers = structuredClone(network.layers);
      layers[l].weights[1] = Number.NaN;
      await expect(mlpGame(mlpNetwork(layers), data)).rejects.toThrow("invalid network; expected finite");
    }
  });
});
