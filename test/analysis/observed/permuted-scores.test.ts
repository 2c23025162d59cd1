import * as matrices from "ml-matrix";
import { describe, expect, it } from "vitest";
import { adjustedPValues } from "../../../src/analysis/inference/adjusted.js";
import { spectraOf, tunedModel } from "../../../src/analysis/observed/choose-model.js";
import {
  centredScores,
  fitted,
  kernelMatrix,
  meanScores,
  predicted,
  type Sample,
  shapleyFunctionals,
  shapleyOfModel,
} from "../../../src/analysis/observed/kernel-model.js";
import { sampleOf } from "../../../src/analysis/observed/learn-game.js";
import { observedInteractions } from "../../../src/analysis/observed/observed-interactions.js";
import { type ObservedLesions, observedLesions } from "../../../src/analysis/observed/observed-lesions.js";
import { observedModes } from "../../../src/analysis/observed/observed-modes.js";
import { permutedScoresP } from "../../../src/analysis/observed/permuted-scores.js";
import { simulatedPatients } from "../../../src/analysis/observed/simulated-patients.js";
import { shuffle } from "../../../src/coalitions/random.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { interactions } from "../../../src/engine/interactions/interactions.js";

const quiet = { onRemark: () => {} };

async function pOf({
  data,
  weights,
  permutations,
  seed,
}: {
  data: ObservedLesions;
  weights: readonly number[];
  permutations: number;
  seed: number;
}) {
  const { sample } = sampleOf(data, 1);
  return permutedScoresP(
    await spectraOf(sample, weights, undefined),
    weights.map((weight) => shapleyFunctionals(sample, weight)),
    { moved: centredScores(sample, meanScores(sample)) },
    { permutations, random: randomStream(seed, 2), signal: undefined },
  );
}

/** The same patients' lesions, and scores that have nothing to do with them and are far from normal. */
function nothingTrue(patients: number, seed: number): ObservedLesions {
  const { data } = simulatedPatients({ patients, regions: 6, effects: {}, pairs: [], intact: 0, noise: 1, seed });
  return { ...data, scores: data.scores.map((score) => Math.exp(1.5 * score)) };
}

describe("p values of permuted scores", () => {
  // 200 data sets: of a chance of 0.05, 3 to 20 with a probability of 0.997; the t tests of bootstrap errors that were
  // here before had 0.11 and 0.15 of families.
  it.each([
    ["ridge", [0]],
    ["kernel", [0.3, 3]],
  ] as const)(
    "%s: reject 5 % of regions and of families where scores have nothing to do with lesions",
    async (_, weights) => {
      let [first, families] = [0, 0];
      for (let seed = 0; seed < 200; seed++) {
        const p = await pOf({ data: nothingTrue(14, seed), weights, permutations: 199, seed });
        if (p[0] <= 0.05) first++;
        if (adjustedPValues(p, "holm").some((own) => own <= 0.05)) families++;
      }
      expect(first).toBeGreaterThanOrEqual(3);
      expect(first).toBeLessThanOrEqual(20);
      expect(families).toBeLessThanOrEqual(20);
    },
  );

  it("are those of models learned anew from permuted scores, each value in standard errors", async () => {
    const { data } = simulatedPatients({ patients: 14, regions: 4, effects: { 1: 9 }, pairs: [], seed: 4 });
    const { sample } = sampleOf(data, 1);
    const weights = [0, 1];
    const order = Uint32Array.from({ length: 14 }, (_, p) => p);
    const observed = await byHand(sample, weights);
    const random = randomStream(3, 2);
    const beyond = observed.map(() => 1);
    for (let permutation = 0; permutation < 29; permutation++) {
      shuffle(random, order);
      const values = Float64Array.from(order, (from) => sample.values[from]);
      (await byHand({ ...sample, values }, weights)).forEach((own, r) => {
        if (own >= observed[r]) beyond[r]++;
      });
    }
    const p = await pOf({ data, weights, permutations: 29, seed: 3 });
    expect(Array.from(p, (own) => Math.round(own * 30))).toEqual(beyond);
    expect(new Set(beyond).size).toBeGreaterThan(1);
  });

  it("are in the rows, corrected, never below 1 / (permutations + 1), and say where these are too few", async () => {
    const { data } = simulatedPatients({ patients: 40, regions: 4, effects: { 1: 60 }, pairs: [], noise: 2, seed: 2 });
    const remarks: string[] = [];
    const options = { model: "ridge", folds: 2, resamples: 2, onRemark: (text: string) => remarks.push(text) } as const;
    const { rows, modes } = await observedModes(data, { ...options, permutations: 39 });
    expect(rows[1].p).toBe(1 / 40);
    expect(rows[1].holm).toBe(4 / 40);
    expect(
      Array.from(
        adjustedPValues(
          rows.map(({ p }) => p),
          "benjamini-hochberg",
        ),
      ),
    ).toEqual(rows.map(({ benjaminiHochberg }) => benjaminiHochberg));
    expect(modes.provenance.permutations).toBe(39);
    expect(remarks).toEqual([
      "no p of 4 can be 0.05 or less by Holm: with 39 permutations none is below 1 / 40 before that; ask for permutations: 79 or more",
    ]);
    expect((await observedModes(data, { ...options, permutations: 79 })).rows[1].holm).toBe(0.05);
    expect(remarks.length).toBe(1);
    await expect(observedModes(data, { ...options, permutations: 0 })).rejects.toThrow("invalid permutations");
  });
});

/**
 * Statistics from models that are learned, and from what these say of scores of 1 for one patient and 0 for all others.
 */
async function byHand(sample: Sample, weights: readonly number[]): Promise<number[]> {
  const { patients, regions, values, lesions } = sample;
  const { model } = await tunedModel(sample, weights, undefined);
  const said = (of: typeof model, p: number) => predicted(of, lesions.subarray(p * regions, (p + 1) * regions))[0];
  const squares = new Float64Array(regions);
  let degrees = patients;
  let residuals = 0;
  for (let p = 0; p < patients; p++) {
    const one = Float64Array.from({ length: patients }, (_, other) => (other === p ? 1 : 0));
    const again = fitted({ ...sample, values: one }, model, kernelMatrix(sample, model.interaction), matrices);
    degrees -= said(again, p);
    residuals += (values[p] - said(model, p)) ** 2;
    shapleyOfModel(again).forEach((own, r) => {
      squares[r] += own * own;
    });
  }
  return Array.from(shapleyOfModel(model), (own, r) => Math.abs(own) / Math.sqrt((squares[r] * residuals) / degrees));
}

describe("observedInteractions", () => {
  it("are those of the learned game, with intervals", async () => {
    const { data } = simulatedPatients({
      patients: 50,
      regions: 7,
      effects: { 1: 20 },
      pairs: [[3, 4, 30]],
      noise: 2,
      seed: 2,
    });
    const options = { resamples: 20, permutations: 19, together: 1, ...quiet };
    const pairs = await observedInteractions(data, options);
    const { learned } = await observedModes(data, {
      model: "kernel",
      folds: 2,
      resamples: 2,
      permutations: 1,
      ...quiet,
    });
    const played = await interactions(learned.game, { estimator: "exact" });
    for (const { units, interaction, low, high, standardError } of pairs) {
      const [a, b] = units.split(" + ");
      expect(interaction).toBeCloseTo(played.pair(a, b).values[0], 8);
      expect(high - low).toBeGreaterThan(standardError);
    }
    expect(await observedInteractions(data, options)).toEqual(pairs);
    const most = Math.max(...pairs.map(({ patients }) => patients));
    const often = await observedInteractions(data, { ...options, together: most });
    expect(often.length).toBeLessThan(pairs.length);
    expect(often.every(({ patients }) => patients === most)).toBe(true);
    await expect(observedInteractions(data, { ...options, together: 51 })).rejects.toThrow("invalid together");
  });

  it("hold where two regions stand in for each other, and not where each has an effect of its own", async () => {
    const lesions = Array.from({ length: 64 }, (_, p) => [0, 1, 2, 3].map((r) => ((p >> r) & 1 ? 1 : 0)));
    const noise = (p: number) => Math.sin(p * p * 12.9898) * 2;
    const scores = lesions.map(([a, b, c, d], p) => 50 - 9 * a - 12 * c * d - 5 * b + noise(p));
    const data = observedLesions({ regions: ["a", "b", "c", "d"], lesions, scores });
    const pairs = await observedInteractions(data, { resamples: 50, permutations: 199, ...quiet });
    expect(pairs.filter(({ holm }) => holm <= 0.05).map(({ units }) => units)).toEqual(["c + d"]);
    const [held] = pairs.filter(({ units }) => units === "c + d");
    expect(held.high).toBeLessThan(0);
  });

  // 100 data sets: of a chance of 0.05, up to 12 with a probability of 0.998.
  it("reject 5 % of families at most where regions have effects and do not interact", async () => {
    let families = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { data } = simulatedPatients({ patients: 24, regions: 5, effects: { 1: 20, 3: 10 }, pairs: [], seed });
      const pairs = await observedInteractions(data, { resamples: 2, permutations: 199, together: 3, seed, ...quiet });
      if (pairs.some(({ holm }) => holm <= 0.05)) families++;
    }
    expect(families).toBeLessThanOrEqual(12);
  });
});
