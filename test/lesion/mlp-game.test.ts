import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomOrdering, randomStream } from "../../src/coalitions/random.js";
import type { LabelledInputs } from "../../src/datasets/inputs.js";
import { type MlpGameOptions, mlpGame } from "../../src/lesion/mlp-game.js";
import { scoreNames } from "../../src/lesion/scores.js";
import type { Mlp } from "../../src/networks/mlp/mlp.js";

const hidden = 7;
const count = 37;
const random = randomStream(3);
const numbers = (length: number, scale = 1) => Float32Array.from({ length }, () => (scale * random.next()) / 2 ** 31);
const mlp: Mlp = {
  inputs: 5,
  hidden,
  outputs: 4,
  hiddenWeights: numbers(hidden * 5),
  hiddenBiases: numbers(hidden),
  outputWeights: numbers(4 * hidden, 2),
  outputBiases: numbers(4),
  negativeSlope: 0.1,
};
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
  const leaky = (x: number) => (x > 0 ? x : mlp.negativeSlope * x);
  const before = Array.from({ length: count }, (_, b) =>
    Array.from({ length: hidden }, (_, u) => {
      let sum = mlp.hiddenBiases[u];
      for (let i = 0; i < 5; i++) sum += mlp.hiddenWeights[u * 5 + i] * data.inputs[b * 5 + i];
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
        (sum, x, u) => sum + mlp.outputWeights[k * hidden + u] * (intact.includes(u) ? leaky(x) : lesioned[u]),
        mlp.outputBiases[k],
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
    await expect(mlpGame({ ...mlp, inputs: 6 }, data)).rejects.toThrow("invalid network; expected 5 inputs");
    await expect(mlpGame(mlp, data, { score: "guess" as never })).rejects.toThrow("invalid score; expected one of");
    await expect(mlpGame(mlp, data, { lesion: "hammer" as never })).rejects.toThrow("invalid lesion");
    await expect(mlpGame(mlp, data, { place: "here" as never })).rejects.toThrow("invalid place");
    const broken = { ...mlp, outputBiases: Float32Array.of(0, Number.NaN, 0, 0) };
    await expect(mlpGame(broken, data)).rejects.toThrow(
      "invalid network; expected finite activations on these inputs; received NaN",
    );
    const weights = mlp.outputWeights.slice();
    weights[3] = Number.NaN;
    await expect(mlpGame({ ...mlp, outputWeights: weights }, data)).rejects.toThrow("invalid network");
  });
});
