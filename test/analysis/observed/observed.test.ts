import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { interactionWeights, subset, tunedModel } from "../../../src/analysis/observed/choose-model.js";
import { gaussLegendre, kernelOf, predicted } from "../../../src/analysis/observed/kernel-model.js";
import { learnGame, sampleOf } from "../../../src/analysis/observed/learn-game.js";
import { loadObservedLesions } from "../../../src/analysis/observed/load-observed-lesions.js";
import { observedLesions } from "../../../src/analysis/observed/observed-lesions.js";
import { observedModes } from "../../../src/analysis/observed/observed-modes.js";
import { reduceRegions } from "../../../src/analysis/observed/reduce-regions.js";
import { simulatedPatients } from "../../../src/analysis/observed/simulated-patients.js";
import { interactions } from "../../../src/engine/interactions/interactions.js";
import { shapley } from "../../../src/engine/shapley.js";
import { temporaryFolder } from "../../helpers/folders.js";

const quiet = { onRemark: () => {} };
const few = simulatedPatients({ patients: 40, regions: 7, effects: { 1: 20 }, pairs: [[3, 5, 30]], noise: 2, seed: 2 });

describe("the model", () => {
  it("integrates polynomials exactly", () => {
    for (const count of [1, 2, 5, 16]) {
      const { at, weights } = gaussLegendre(count);
      for (let degree = 0; degree < 2 * count; degree++) {
        expect(weights.reduce((sum, w, i) => sum + w * at[i] ** degree, 0)).toBeCloseTo(1 / (degree + 1), 12);
      }
    }
  });

  it("has a kernel of all interactions, those of k regions with the weight c^(k - 1)", () => {
    const [x, z] = [Float64Array.of(0.5, 1, 0.25), Float64Array.of(1, 0.5, 1)];
    const [a, b, c] = [0.5, 0.5, 0.25];
    expect(kernelOf(x, z, 2)).toBeCloseTo(a + b + c + 2 * (a * b + a * c + b * c) + 4 * a * b * c, 12);
    expect(kernelOf(x, z, 0)).toBe(a + b + c);
  });

  it.each(["ridge", "kernel"] as const)(
    "%s: its Shapley values are those of its game, played exactly",
    async (model) => {
      const { modes, learned } = await observedModes(few.data, { model, resamples: 2, folds: 2, ...quiet });
      const played = await shapley(learned.game, { estimator: "exact" });
      modes.values.forEach((value, i) => {
        expect(value).toBeCloseTo(played.values[i], 8);
      });
      expect(modes.vAll?.[0]).toBeCloseTo(played.vAll?.[0] as number, 8);
      expect(modes.efficiencyGap).toBeLessThan(1e-8);
      expect(learned.predict(new Float64Array(7))[0]).toBe(modes.vAll?.[0]);
    },
  );

  it("is chosen by the error of patients left out one at a time, which one decomposition gives exactly", async () => {
    const { sample } = sampleOf(few.data, 1);
    const { model, leaveOneOut } = await tunedModel(sample, [0.3], undefined);
    let squares = 0;
    const mean = sample.values.reduce((sum, x) => sum + x, 0) / 40;
    const variance = sample.values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 40;
    const { fitted, kernelMatrix, centred } = await import("../../../src/analysis/observed/kernel-model.js");
    const library = await import("ml-matrix");
    const scaleOf = (of: typeof sample) => centred(kernelMatrix(of, 0.3), of.patients).scale;
    for (let p = 0; p < 40; p++) {
      const others = subset(
        sample,
        Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== p),
      );
      // The same ridge, whatever the mean eigenvalue of those that are left.
      const penalty = (model.penalty * scaleOf(sample)) / scaleOf(others);
      const left = fitted(others, { interaction: 0.3, penalty }, kernelMatrix(others, 0.3), library);
      squares += (predicted(left, sample.lesions.subarray(7 * p, 7 * p + 7))[0] - sample.values[p]) ** 2;
    }
    expect(leaveOneOut).toBeCloseTo(squares / 40 / variance, 8);
    expect(interactionWeights).toContain(0.3);
  });
});

describe("observedModes", () => {
  // 0.71 and 0.99 of 150 patients, 0.51 and 0.97 of 60 were seen over 20 simulations (docs/observed-lesions.md).
  it("finds regions that contribute, and leaves out those that do not", async () => {
    let [found, contributing, quietOnes, silent] = [0, 0, 0, 0];
    for (let seed = 0; seed < 5; seed++) {
      const { data, truth } = simulatedPatients({ patients: 100, noise: 3, seed });
      const { rows } = await observedModes(data, {
        model: "kernel",
        folds: 2,
        resamples: 2,
        permutations: 399,
        seed,
        ...quiet,
      });
      rows.forEach(({ holm }, r) => {
        if (truth[r] !== 0) {
          contributing++;
          if (holm <= 0.05) found++;
        } else {
          silent++;
          if (holm > 0.05) quietOnes++;
        }
      });
    }
    expect(found / contributing).toBeGreaterThan(0.6);
    expect(quietOnes / silent).toBeGreaterThan(0.9);
  });

  it("without noise, with regions lesioned one by one, it is exact", async () => {
    const lesions = Array.from({ length: 40 }, (_, p) => [0, 1, 2].map((r) => ((p >> r) & 1 ? 1 : 0)));
    const scores = lesions.map(([a, b, c]) => [10 - 3 * a - 4 * a * b, c]);
    const data = observedLesions({ regions: ["a", "b", "c"], lesions, scores, scoreNames: ["fluency", "naming"] });
    const found = await observedModes(data, { resamples: 20, ...quiet });
    const { modes, rows, learned } = found;
    const naming = rows.filter(({ score }) => score === "naming");
    expect(found.of("naming")).toMatchObject({ units: ["a", "b", "c"], intervals: "95 % of 20 draws of patients" });
    expect([...found.of("naming").low]).toEqual(naming.map(({ low }) => low));
    expect([...found.of().values]).toEqual([0, 2, 4].map((i) => modes.values[i]));
    expect(() => found.of("reading")).toThrow("invalid score");
    expect(learned.model).toBe("kernel");
    [5, 0, 2, 0, 0, -1].forEach((value, i) => {
      expect(modes.values[i]).toBeCloseTo(value, 2);
    });
    expect(rows.map(({ unit, score }) => `${unit} ${score}`)).toEqual([
      "a fluency",
      "a naming",
      "b fluency",
      "b naming",
      "c fluency",
      "c naming",
    ]);
    expect(learned.crossValidation.r2[0]).toBeGreaterThan(0.999);
    expect((await interactions(learned.game)).pair("a", "b").values[0]).toBeCloseTo(-4 * -1 - 8, 1);
  });

  it("is the same for the same seed, says which patients it is over, and stops at a signal", async () => {
    const options = { resamples: 10, folds: 3, ...quiet } as const;
    const [one, two] = [await observedModes(few.data, options), await observedModes(few.data, options)];
    expect(two.rows).toEqual(one.rows);
    expect(one.modes.provenance).toMatchObject({ patients: 40, standard_error_over: "patient" });
    await expect(
      observedModes(few.data, { ...options, resamples: 100_000, signal: AbortSignal.abort(new Error("enough")) }),
    ).rejects.toThrow("enough");
  });

  it("are the same whatever all scores have in common", async () => {
    const { data } = few;
    const far = { ...data, scores: data.scores.map((score) => Math.round(64 * score) / 64) };
    const farther = { ...far, scores: far.scores.map((score) => score + 2 ** 40) }; // no bit is lost
    for (const model of ["ridge", "kernel"] as const) {
      const options = { model, resamples: 20, permutations: 19, ...quiet };
      const [near, there] = [await observedModes(far, options), await observedModes(farther, options)];
      expect(there.learned.penalty).toBe(near.learned.penalty);
      expect(there.learned.crossValidation.r2[0]).toBeCloseTo(near.learned.crossValidation.r2[0], 3);
      near.rows.forEach((row, r) => {
        // Predictions are rounded to 2^-12, and there are 40 patients.
        for (const name of ["contribution", "standardError", "low", "high"] as const) {
          expect(Math.abs(there.rows[r][name] - row[name])).toBeLessThan(0.01);
        }
        expect(there.rows[r].p).toBe(row.p);
      });
    }
  });

  it("patients fewer than regions are said, not forbidden, and regions that nobody has lesioned are left out", async () => {
    const { data } = simulatedPatients({ patients: 12, regions: 40, seed: 3 });
    const remarks: string[] = [];
    const { learned, modes } = await observedModes(data, {
      model: "ridge",
      resamples: 10,
      folds: 3,
      onRemark: (text) => remarks.push(text),
    });
    expect(remarks[0]).toMatch(/^there are fewer patients \(12\) than regions \(\d+\)/);
    expect(learned.leftOut.length + modes.units.length).toBe(40);
    expect(remarks).toEqual(learned.remarks);
    await expect(learnGame(data, { leastPatients: 13, ...quiet })).rejects.toThrow(
      "at least one region that is lesioned in 13 patients",
    );
    await expect(learnGame(data, { folds: 13, ...quiet })).rejects.toThrow("invalid folds; expected 2 to 12");
  });

  it("regions that are lesioned to the same share in all patients are left out and named, as those of nobody are", async () => {
    const { data } = simulatedPatients({ patients: 12, regions: 4, effects: { 1: 9 }, pairs: [], seed: 3 });
    const shares = Array.from({ length: 12 }, (_, p) => [...data.lesions.subarray(4 * p, 4 * p + 4), 0.5, 0, 1]);
    const regions = ["a", "b", "c", "d", "half", "nobody", "everybody"];
    const more = observedLesions({ regions, lesions: shares, scores: Array.from(data.scores) });
    const remarks: string[] = [];
    const options = { model: "ridge", resamples: 5, folds: 3 } as const;
    const { learned, rows } = await observedModes(more, { ...options, onRemark: (text) => remarks.push(text) });
    expect(rows.map(({ unit }) => unit)).toEqual(["a", "b", "c", "d"]);
    expect(learned.leftOut).toEqual(["half", "nobody", "everybody"]);
    expect(remarks.slice(0, 2)).toEqual([
      "1 region is left out, as it is lesioned in no patient: nobody",
      "2 regions are left out, as they are lesioned to the same share in all patients, so that there is nobody to compare with: half, everybody",
    ]);
    expect(() => learned.predict([0, 2, 0, 0])).toThrow("invalid lesions; expected shares from 0 to 1; received 2");
    await expect(observedModes(more, { resamples: 1, ...quiet })).rejects.toThrow(
      "invalid resamples; expected at least 2",
    );
    const alike = observedLesions({ regions: ["a"], lesions: shares.map(() => [1]), scores: Array.from(data.scores) });
    await expect(learnGame(alike, quiet)).rejects.toThrow("not in all alike");
  });
});

describe("regions that are lesioned alike in all patients", () => {
  it("are named, as nothing tells them apart", async () => {
    const { data } = simulatedPatients({ patients: 20, regions: 3, effects: { 1: 20 }, pairs: [], seed: 2 });
    const lesions = Array.from({ length: 20 }, (_, p) => [
      ...data.lesions.subarray(3 * p, 3 * p + 3),
      data.lesions[3 * p + 1],
    ]);
    const twins = observedLesions({ regions: ["a", "b", "c", "b again"], lesions, scores: Array.from(data.scores) });
    const remarks: string[] = [];
    const onRemark = (text: string) => remarks.push(text);
    const { rows } = await observedModes(twins, {
      model: "ridge",
      resamples: 5,
      folds: 3,
      permutations: 199,
      onRemark,
    });
    expect(rows[3].contribution).toBeCloseTo(rows[1].contribution, 9);
    expect(remarks[0]).toContain("the same share in every patient (b, b again): nothing tells them apart");
    remarks.length = 0;
    await observedModes(data, { model: "ridge", resamples: 5, folds: 3, permutations: 199, onRemark });
    expect(remarks).toEqual([]);
  });
});

/** Scores that have nothing to do with lesions. */
const onlyNoise = simulatedPatients({ patients: 40, regions: 5, effects: {}, pairs: [], noise: 5, seed: 1 }).data;

describe("reduceRegions", () => {
  it("keeps the regions that matter, none where nothing does, and puts the others into the rest", async () => {
    const { data, contributing } = simulatedPatients({
      patients: 80,
      regions: 8,
      effects: { 1: 30, 4: 30 },
      pairs: [],
      noise: 2,
      seed: 1,
    });
    const { kept, rest, steps, reduced } = await reduceRegions(data, {
      model: "ridge",
      folds: 2,
      resamples: 20,
      stepResamples: 60,
      sizes: { "region 0": 2 },
      ...quiet,
    });
    expect(contributing.every((region) => kept.includes(region))).toBe(true);
    expect(rest.length).toBeGreaterThan(3);
    expect(steps.map(({ dropped }) => dropped).slice(0, rest.length)).toEqual(rest);
    expect(steps.slice(0, -1).every(({ matters, takenBack }) => !matters && !takenBack)).toBe(true);
    expect(reduced.modes.units).toEqual([...kept, "rest"]);
    const whole = await reduceRegions(onlyNoise, { model: "ridge", folds: 2, resamples: 20, ...quiet });
    expect(whole.kept).toEqual([]);
    expect([...whole.rest].sort()).toEqual([...onlyNoise.regions].sort());
    expect(whole.reduced.modes.units).toEqual(["rest"]);
    expect(whole.steps.some(({ matters, takenBack }) => matters || takenBack)).toBe(false);
    const { data: single } = simulatedPatients({
      patients: 60,
      regions: 5,
      effects: { 2: 30 },
      pairs: [],
      noise: 3,
      seed: 4,
    });
    const one = await reduceRegions(single, { model: "ridge", folds: 2, resamples: 20, ...quiet });
    expect(one.kept).toContain("region 2");
    await expect(reduceRegions(data, { rest: "region 1", ...quiet })).rejects.toThrow("invalid rest");
    await expect(reduceRegions(data, { sizes: { nowhere: 1 }, ...quiet })).rejects.toThrow("invalid size of nowhere");
  });
});

describe("remarks", () => {
  it("say where left out patients are not predicted, and that scores share their model", async () => {
    const { data } = simulatedPatients({ patients: 30, regions: 4, effects: { 1: 40 }, pairs: [], seed: 2 });
    const noise = Array.from(data.scores, (_, p) => (p * 37) % 11);
    const lesions = data.patients.map((_, p) => data.lesions.subarray(4 * p, 4 * p + 4));
    const learnedOf = async (scores: (number | number[])[]) => {
      const { remarks, crossValidation } = await learnGame(
        observedLesions({ regions: data.regions, lesions, scores }),
        { model: "ridge", ...quiet },
      );
      return { remarks, r2: Array.from(crossValidation.r2) };
    };
    expect((await learnedOf(Array.from(data.scores))).remarks).toEqual([]);
    const alone = await learnedOf(noise);
    expect(alone.r2[0]).toBeLessThan(0);
    expect(alone.remarks).toEqual([
      expect.stringContaining("nothing was learned of score: patients who were left out"),
    ]);
    const both = await learnedOf(noise.map((other, p) => [data.scores[p], other]));
    expect(both.remarks).toEqual([
      expect.stringContaining("chosen for all 2 scores together"),
      expect.stringContaining("nothing was learned of score 2:"),
    ]);
  });

  it("say which patients are there twice, where that is no chance", async () => {
    const { data } = simulatedPatients({ patients: 12, regions: 4, effects: { 1: 9 }, pairs: [], seed: 3 });
    const rows = Array.from({ length: 12 }, (_, p) => Array.from(data.lesions.subarray(4 * p, 4 * p + 4)));
    const partly = rows.findIndex((row) => row.some((share) => share > 0 && share < 1));
    const input = { regions: data.regions, lesions: rows, scores: Array.from(data.scores) };
    const said = async (lesions: number[][], scores: number[]) =>
      (await learnGame(observedLesions({ ...input, lesions, scores }), quiet)).remarks.join("; ");
    const score = input.scores[partly];
    expect(await said([...rows, rows[partly]], [...input.scores, score])).toContain(
      `patients with the same lesions and scores to the last digit (${partly + 1}, 13): if they are one, give it once`,
    );
    expect(await said([...rows, rows[partly]], [...input.scores, score + 1])).not.toContain("to the last digit");
    const whole = rows.map((row) => row.map((share) => Math.round(share)));
    expect(await said([...whole, whole[0]], [...input.scores, input.scores[0]])).not.toContain("to the last digit");
  });
});

describe("simulatedPatients", () => {
  it("says what is wrong with a pair or an effect", () => {
    expect(() => simulatedPatients({ pairs: [[0, 3]] as never })).toThrow(
      "invalid pair; expected two regions and what is lost beyond their effects: [a, b, lost]; received [0, 3]",
    );
    expect(() => simulatedPatients({ effects: { 2: Number.NaN } })).toThrow("invalid effect of region 2");
  });
});

describe("data", () => {
  const lesions = Array.from({ length: 6 }, (_, p) => [p / 10, 0.5]);
  const scores = [1, 2, 3, 4, 5, 6];

  it("are checked, and the patient and the region named", () => {
    const of = (change: object) => () => observedLesions({ regions: ["M1", "IFG"], lesions, scores, ...change });
    expect(of({})().patients).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(of({ lesions: [[0, 35], ...lesions.slice(1)] })).toThrow(
      "invalid lesion of IFG in patient 1; expected the lesioned share of the region, from 0 to 1 (per cent are to be divided by 100); received 35",
    );
    expect(of({ lesions: [[-0.1, 0], ...lesions.slice(1)] })).toThrow("invalid lesion of M1 in patient 1");
    expect(of({ scores: [1, 2, 3, 4, 5, Number.NaN] })).toThrow(
      "invalid score of patient 6; expected a finite number (leave out patients without a score)",
    );
    expect(of({ scores: [1, 1, 1, 1, 1, 1] })).toThrow("a score in which patients differ");
    expect(of({ lesions: lesions.slice(0, 5), scores: scores.slice(0, 5) })).toThrow("rows of at least 6 patients");
    expect(of({ lesions: [[0], ...lesions.slice(1)] })).toThrow("2 shares, one for each region");
  });

  it("are refused where squares of scores are lost", () => {
    const lesions = Array.from({ length: 6 }, (_, p) => [p / 5]);
    const of = (size: number) => () =>
      observedLesions({ regions: ["a"], lesions, scores: lesions.map(([share]) => size * share) });
    for (const size of [1e-150, 1e150]) {
      expect(of(size)).toThrow("invalid score; expected scores up to some size from 1e-140 to 1e+140");
    }
    for (const size of [1e-130, 1e130]) expect(of(size)).not.toThrow();
  });

  it("come from a CSV file, whose cells are numbers or named", () => {
    const { folder, remove } = temporaryFolder();
    const path = join(folder, "patients.csv");
    const write = (text: string) => writeFileSync(path, text);
    write(
      `patient,"M1, left",IFG,fluency,naming\n${scores.map((score, p) => `p${p},${p / 10},0.5,${score},${-score}`).join("\r\n")}\n`,
    );
    const data = loadObservedLesions(path, { scores: ["fluency", "naming"] });
    expect(data).toMatchObject({
      regions: ["M1, left", "IFG"],
      scoreNames: ["fluency", "naming"],
      patients: ["p0", "p1", "p2", "p3", "p4", "p5"],
    });
    expect(Array.from(data.scores.subarray(0, 4))).toEqual([1, -1, 2, -2]);
    expect(() => loadObservedLesions(path)).toThrow(
      "has no column score (it has patient, M1, left, IFG, fluency, naming); name what is one: { scores:",
    );
    write("a,score\n0,1\n,2\n");
    expect(() => loadObservedLesions(path)).toThrow('line 3, column a: a number was expected, not ""');
    write("a,a,score\n0,0,1\n");
    expect(() => loadObservedLesions(path)).toThrow("has two columns a");
    write("a,score\n0\n");
    expect(() => loadObservedLesions(path)).toThrow("line 2 has 1 cells, there are 2 columns");
    write("a,score\n\n0,1\n0x1,2\n");
    expect(() => loadObservedLesions(path)).toThrow('line 4, column a: a number was expected, not "0x1"');
    expect(() => loadObservedLesions(path, { regions: ["a", "score"] })).toThrow(
      'invalid columns; expected each in one role, patient, score or region, and once; received "score"',
    );
    write("a,score\n0,1\n1.5,2\n");
    expect(() => loadObservedLesions(path)).toThrow(
      "line 3, column a: the lesioned share of the region, from 0 to 1 (per cent are to be divided by 100), was expected, not 1.5",
    );
    write(",a,score\n0,0,1\n");
    expect(() => loadObservedLesions(path)).toThrow("has no name for column 1 (pandas writes an index so");
    write("patient,a,score\nx,0,1\ny,0,2\nx,1,3\n");
    expect(() => loadObservedLesions(path)).toThrow("line 4 names patient x again");
    write("a;score\n0,5;1\n");
    expect(() => loadObservedLesions(path)).toThrow("has its columns parted by semicolons; commas were expected");
    write("a\tscore\n0\t1\n");
    expect(() => loadObservedLesions(path)).toThrow("has its columns parted by tabs");
    write(`a, score\r${scores.map((score, p) => `${p / 10}, ${score}`).join("\r")}\r`);
    expect(loadObservedLesions(path)).toMatchObject({ regions: ["a"], scoreNames: ["score"] });
    writeFileSync(path, Buffer.from("r\xe9gion,score\n0,1\n", "latin1"));
    expect(() => loadObservedLesions(path)).toThrow("is not text in UTF-8");
    remove();
  });
});
