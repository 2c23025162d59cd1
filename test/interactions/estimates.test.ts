import { describe, expect, it } from "vitest";
import { type Coalitions, isIntact } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { choose } from "../../src/coalitions/subsets.js";
import { interactions } from "../../src/engine/interactions/interactions.js";
import { shapley } from "../../src/engine/shapley.js";
import { drawDerivatives } from "../../src/estimators/interactions/draws.js";
import { interactionGame } from "../../src/games/closed-form.js";
import type { Game } from "../../src/games/game.js";
import type { Interactions } from "../../src/modes/interactions.js";

/** A small network's game: eight rectified sums of the units, squashed to two outputs. */
function networkLike(units: number, seed = 5): Game {
  const random = randomStream(seed);
  const number = () => random.next() / 2 ** 31;
  const table = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Float64Array.from({ length: columns }, number));
  const [first, second] = [table(8, units), table(2, 8)];
  return {
    units: Array.from({ length: units }, (_, unit) => `u${unit}`),
    outputShape: [2],
    async evaluate(coalitions: Coalitions) {
      const values = new Float64Array(2 * coalitions.count);
      for (let c = 0; c < coalitions.count; c++) {
        const hidden = first.map((row) =>
          Math.max(
            0,
            row.reduce((sum, x, u) => (isIntact(coalitions, c, u) ? sum + x : sum), 0.2),
          ),
        );
        second.forEach((row, o) => {
          values[2 * c + o] = Math.tanh(row.reduce((sum, x, h) => sum + x * hidden[h], 0));
        });
      }
      return values;
    },
  };
}

const largest = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
/** The interactions of all sets of one size. */
const ofSize = (found: Interactions, size: number, what: "values" | "standardErrors" = "values") =>
  Float64Array.from(
    found.subsets.flatMap((set, s) =>
      set.length === size
        ? [...(found[what] as Float64Array).subarray(s * found.outputs, (s + 1) * found.outputs)]
        : [],
    ),
  );

/**
 * Estimates of many seeds against exact values: shares within 1.96 standard errors, and how large differences and mean
 * differences are in errors.
 */
async function calibration(
  game: Game,
  seeds: number,
  estimate: (seed: number) => Promise<Interactions>,
  exact: Float64Array,
) {
  let [within, squares, total] = [0, 0, 0];
  const bias = new Float64Array(exact.length);
  const variances = new Float64Array(exact.length);
  for (let seed = 0; seed < seeds; seed++) {
    const found = await estimate(seed);
    const [values, errors] = [ofSize(found, found.order), ofSize(found, found.order, "standardErrors")];
    values.forEach((value, i) => {
      const apart = value - exact[i];
      if (Math.abs(apart) <= 1.96 * errors[i]) within++;
      squares += (apart / errors[i]) ** 2;
      total++;
      bias[i] += apart / seeds;
      variances[i] += errors[i] ** 2 / seeds ** 2;
    });
  }
  const biasSquares = bias.reduce((sum, value, i) => sum + value ** 2 / variances[i], 0) / bias.length;
  return { coverage: within / total, z: Math.sqrt(squares / total), bias: Math.sqrt(biasSquares), game };
}

describe("interactions from pairs of complements", () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 11])(
    "are exact, without error, where all pairs are there (%i units)",
    async (units) => {
      const game = networkLike(units);
      for (const index of ["sii", "k-sii"] as const) {
        const exact = await interactions(game, { index });
        const found = await interactions(game, { index, estimator: "pairs", evaluations: 2 ** units });
        expect(largest(found.values, exact.values)).toBeLessThan(1e-10);
        expect(found.standardErrors?.every((error) => error === 0)).toBe(true);
        expect(found.provenance.evaluations).toBe(2 ** units);
      }
    },
  );

  it("are exact for a game of pair interactions, from few evaluations", async () => {
    const game = interactionGame(20, { outputs: 2, seed: 3 });
    const found = await interactions(game, { estimator: "pairs" });
    const exact = await interactions(game, { estimator: "walks", orderings: 2 });
    expect(largest(ofSize(found, 2), exact.values)).toBeLessThan(1e-7);
    expect(found.provenance.evaluations).toBeLessThan(2000);
  });

  it("bring the modes that leverage has from the same evaluations, bit for bit", async () => {
    const game = networkLike(18);
    const found = await interactions(game, { evaluations: 1200, seed: 7 });
    const modes = await shapley(game, { estimator: "leverage", evaluations: 1200, seed: 7 });
    expect(found.modes?.values).toEqual(modes.values);
    expect(found.modes?.standardErrors).toEqual(modes.standardErrors);
    expect(found.modes?.provenance).toEqual(modes.provenance);
    expect(ofSize(found, 1)).toEqual(modes.values);
  });

  it("add up over the others of a unit to what single units do alone and at last, exactly", async () => {
    const game = networkLike(17);
    const found = await interactions(game, { evaluations: 800 });
    const sets = [[], [3], found.units.keys(), [...found.units.keys()].filter((unit) => unit !== 3)];
    const [none, alone, all, without] = await Promise.all(
      sets.map(async (set) => {
        const words = Uint32Array.of([...set].reduce((mask, unit) => mask | (1 << unit), 0));
        return game.evaluate({ count: 1, units: 17, words });
      }),
    );
    for (const o of [0, 1]) {
      let sum = 0;
      for (let unit = 0; unit < 17; unit++) if (unit !== 3) sum += found.pair(3, unit).values[o];
      expect(sum).toBeCloseTo(all[o] - without[o] - alone[o] + none[o], 10);
    }
  });

  it("make 2-SII efficient, with the modes' errors for single units", async () => {
    const found = await interactions(networkLike(18), { index: "k-sii", evaluations: 1000 });
    expect(found.efficiencyGap).toBeLessThan(1e-10);
    expect(ofSize(found, 1, "standardErrors")).toEqual(found.modes?.standardErrors);
  });

  it("are within 1.96 standard errors of the exact values 95 times in 100, without noticeable bias", async () => {
    const game = networkLike(10);
    const exact = ofSize(await interactions(game), 2);
    const many = await calibration(
      game,
      40,
      (seed) => interactions(game, { estimator: "pairs", evaluations: 500, seed }),
      exact,
    );
    // Forty samples of the same 45 pairs and two outputs: correlated, so wider than 3 standard errors of 3600 draws.
    expect(many.coverage).toBeGreaterThan(0.92);
    expect(many.coverage).toBeLessThan(0.99);
    expect(many.bias).toBeLessThan(1.5);
  });

  it("have the same bytes for the same seed, 0 included, and others for another", async () => {
    const game = networkLike(17);
    const of = (seed: number) => interactions(game, { evaluations: 700, seed });
    expect((await of(0)).values).toEqual((await of(0)).values);
    expect((await of(1)).values).not.toEqual((await of(0)).values);
  });
});

describe("interactions from walks", () => {
  it.each(["sii", "stii", "banzhaf"] as const)("are unbiased, with errors that hold (%s)", async (index) => {
    const game = networkLike(8);
    for (const order of [2, 3]) {
      const exact = ofSize(await interactions(game, { index, order }), order);
      const many = await calibration(
        game,
        40,
        (seed) => interactions(game, { index, order, estimator: "walks", orderings: 60, seed }),
        exact,
      );
      // Student's t of 29 degrees of freedom is within 1.96 in .940; the mean z of 40 seeds over all sets is 1 but for
      // their correlation.
      expect(many.coverage).toBeGreaterThan(0.9);
      expect(many.coverage).toBeLessThan(0.97);
      expect(many.bias).toBeLessThan(1.5);
    }
  });

  it("take chosen pairs of hundreds of units", async () => {
    const game = interactionGame(300, { seed: 6 });
    const subsets = [
      ["3", "250"],
      ["17", "4"],
    ];
    const found = await interactions(game, { subsets, orderings: 2 });
    expect(found.subsets).toEqual([
      [3, 250],
      [4, 17],
    ]);
    const v = async (...units: number[]) => {
      const words = new Uint32Array(10);
      for (const unit of units) words[unit >> 5] |= 1 << (unit & 31);
      return (await game.evaluate({ count: 1, units: 300, words }))[0];
    };
    expect(found.pair("250", "3").values[0]).toBeCloseTo((await v(3, 250)) - (await v(3)) - (await v(250)), 9);
    expect(found.modes).toBeUndefined();
    expect(found.provenance.evaluations).toBeLessThanOrEqual(18);
  });

  it("spend at most the evaluations that they are given", async () => {
    const game = networkLike(12);
    const found = await interactions(game, { estimator: "walks", evaluations: 3000 });
    expect(found.provenance.evaluations).toBeLessThanOrEqual(3000);
    expect(found.provenance.evaluations).toBeGreaterThan(2400);
  });

  it("draw every size of coalition before a pair equally often, for SII", () => {
    const random = randomStream(1);
    const times = new Float64Array(7);
    const draws = 4000;
    for (let draw = 0; draw < draws; draw++) {
      const { coalitions, rows } = drawDerivatives(random, 8, [[2, 5]], "sii");
      let size = 0;
      for (let unit = 0; unit < 8; unit++) if (isIntact(coalitions, rows[0][0], unit)) size++;
      times[size]++;
    }
    const mean = draws / 7;
    for (const number of times) expect(Math.abs(number - mean)).toBeLessThan(4.5 * Math.sqrt(mean));
  });

  it("share the coalitions of all pairs: about two for each pair and turn", () => {
    const all = Array.from({ length: 20 }, (_, i) => Array.from({ length: i }, (_, j) => [j, i])).flat();
    const { coalitions } = drawDerivatives(randomStream(2), 20, all, "sii");
    expect(coalitions.count).toBeLessThan(2.3 * 2 * choose(20, 2));
  });
});
