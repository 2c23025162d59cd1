// Where two features meet: budgets and estimators, memory and parts, interruption and games that use an array again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { planToDisk, type ShapleyToDiskOptions } from "../../src/engine/disk-plan.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { gameFrom, type Intact } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { partOf } from "../../src/games/part.js";
import { mergeModes } from "../../src/modes/merge.js";
import { fc } from "../helpers/properties.js";

const folder = mkdtempSync(join(tmpdir(), "met-"));
afterAll(() => rmSync(folder, { recursive: true }));
let places = 0;
const newPlace = () => join(folder, String(++places));
const quiet = { onRemark: () => {}, progress: false } as const;

const numberOf = ({ indices }: Pick<Intact, "indices">) => indices.reduce((sum, unit) => sum + 2 ** unit, 0);

/** Values of four outputs: one that no unit explains, a smooth one, one of 0 and 1, and one that is constant. */
function valuesOf(coalition: number, shift: number): [number, number, number, number] {
  const sum = Array.from(coalition.toString(2)).reduceRight(
    (all, bit, at) => all + Number(bit) * Math.sin(at + shift),
    0,
  );
  return [Math.sin(99 * coalition + shift), Math.tanh(3 * sum), sum > 0.5 ? 1 : 0, 3];
}

const inputs = fc.record({
  units: fc.integer({ min: 1, max: 7 }),
  shift: fc.integer({ min: 0, max: 99 }),
  seed: fc.integer({ min: 0, max: 99 }),
  evaluations: fc.integer({ min: 3, max: 140 }),
  estimator: fc.constantFrom("leverage", "permutation", "antithetic", "exact", "auto"),
});

/** Options that the estimator does not refuse. */
async function modesOf(game: Game, options: ShapleyOptions) {
  return shapley(game, { ...quiet, ...options }).catch((error: Error) => {
    if (error.message.startsWith("invalid evaluations")) return undefined;
    throw error;
  });
}

/** The least memory that an output is played in. */
function leastMemory(game: Game, options: ShapleyToDiskOptions): number {
  try {
    planToDisk(game, { ...options, memory: 1 });
    return 1;
  } catch (error) {
    return Number(/at least (\d+) bytes/.exec((error as Error).message)?.[1]);
  }
}

describe("estimators, budgets, memory and interruption", () => {
  it("give the same numbers stopped anywhere, with any memory, of a game that fills one array again and again", async () => {
    await fc.assert(
      fc.asyncProperty(
        inputs,
        fc.integer({ min: 1, max: 140 }),
        fc.constantFrom(1, 300, 1e9),
        async ({ units, shift, estimator, ...budget }, stopAt, memory) => {
          const shared = new Float64Array(4);
          let [asked, counted] = [0, 0];
          let stop = new AbortController();
          const game = await gameFrom(
            units,
            (intact) => {
              counted++;
              if (++asked === stopAt) stop.abort();
              shared.set(valuesOf(numberOf(intact), shift));
              return shared.subarray();
            },
            { outputShape: [4] },
          );
          const options = { estimator, ...budget, memory } as const;
          const undisturbed = await gameFrom(units, (intact) => valuesOf(numberOf(intact), shift), {
            outputShape: [4],
          });
          const expected = await modesOf(undisturbed, { estimator, ...budget });
          const resume = newPlace();
          await modesOf(game, { ...options, resume, checkpointSeconds: 0, signal: stop.signal }).catch(
            (error: Error) => {
              if (!(error instanceof InterruptedError)) throw error;
            },
          );
          stop = new AbortController();
          // At once: what was given up is still at work.
          const modes = await modesOf(game, { ...options, resume, checkpointSeconds: 0 });
          expect(modes?.values).toEqual(expected?.values);
          expect(modes?.standardErrors).toEqual(expected?.standardErrors);
          expect(modes?.provenance.evaluations).toBe(expected?.provenance.evaluations);
          if (!expected) return;
          expect(expected.efficiencyGap).toBeLessThan(1e-12);
          [asked, counted] = [stopAt, 0];
          await modesOf(game, options);
          expect(counted).toBe(expected.provenance.evaluations);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("give parts of an output that are played one by one the numbers of all at once, and say the same of them", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async ({ units, shift, ...options }) => {
        const value = (intact: Intact) => [0, 1, 2].map((more) => valuesOf(numberOf(intact), shift + more));
        const game = await gameFrom(units, value);
        const play = (more: ShapleyToDiskOptions) => shapleyToDisk(game, newPlace(), { ...quiet, ...options, ...more });
        const whole = await play({}).catch((error: Error) => {
          expect(error.message).toMatch(/^invalid evaluations/);
          // Of its own choice it refuses what no two pairs of coalitions are within.
          if (options.estimator === "auto") expect(options.evaluations).toBeLessThan(4);
        });
        if (!whole) return;
        const parts = await play({ memory: leastMemory(game, options) });
        const [one, other] = [await whole.part(), await parts.part()];
        expect(other.values).toEqual(one.values);
        expect(other.standardErrors).toEqual(one.standardErrors);
        expect(parts.provenance).toEqual(whole.provenance);
      }),
      { numRuns: 15 },
    );
  });

  it("hold few pairs back for each output of a part by itself", async () => {
    const game = await gameFrom(10, (intact) => [0, 1, 2].map((more) => valuesOf(numberOf(intact), more)));
    // Seventeen pairs of thirteen unknowns: ridges of all sizes are the best for one output or the other.
    const options = { estimator: "leverage", evaluations: 36, seed: 3, ...quiet } as const;
    const whole = await shapley(partOf(game, 0, 3), options);
    for (let row = 0; row < 3; row++) {
      const part = await shapley(partOf(game, row, row + 1), options);
      expect(part.values).toEqual(whole.slice(row).values);
      expect(part.standardErrors).toEqual(whole.slice(row).standardErrors);
      expect(part.efficiencyGap).toBeLessThan(1e-12);
      expect(part.provenance.ridge).toBe("each output its own");
    }
    // An output without interactions is still exact beside others that are held back.
    const additive = await gameFrom(10, (intact) => [
      [intact.indices.reduce((sum, unit) => sum + unit, 0)],
      [Math.sin(99 * numberOf(intact))],
    ]);
    const { values } = (await shapley(partOf(additive, 0, 2), options)).slice(0);
    values.forEach((contribution, unit) => {
      expect(contribution).toBeCloseTo(unit, 9);
    });
  });
});

describe("a game that fills the same array each time", () => {
  it("has its own values where two runs go on at once, as no promise is waited for", async () => {
    const shared = new Float64Array(4);
    const game = await gameFrom(6, (intact) => {
      shared.set(valuesOf(numberOf(intact), 1));
      return shared;
    });
    const play = (seed: number) => shapley(game, { estimator: "leverage", evaluations: 40, seed, ...quiet });
    const alone = [await play(1), await play(2)];
    const together = await Promise.all([play(1), play(2)]);
    expect(together.map(({ values }) => values)).toEqual(alone.map(({ values }) => values));
  });

  it("is refused where promises of two runs wait at once, also where it returns a new view of it", async () => {
    const memory = new Float64Array(8);
    const game = await gameFrom(6, async (intact) => {
      memory.set(valuesOf(numberOf(intact), 1));
      await Promise.resolve();
      return memory.subarray(0, 4);
    });
    const play = (seed: number) => shapley(game, { estimator: "leverage", evaluations: 40, seed, ...quiet });
    await play(1);
    const both = Promise.all([play(1), play(2)]);
    await expect(both).rejects.toThrow("expected a new array for each coalition, where several are in flight");
    await expect(shapley(game, { estimator: "exact", concurrency: 3, ...quiet })).rejects.toThrow("a new array");
  });

  it("is not asked for more of a batch once its run was stopped", async () => {
    const stop = new AbortController();
    let asked = 0;
    const game = await gameFrom(10, () => {
      if (++asked === 20) stop.abort();
      return asked % 7;
    });
    await expect(shapley(game, { estimator: "exact", signal: stop.signal, ...quiet })).rejects.toThrow("interrupted");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toBe(20);
  });
});

describe("a folder of a run", () => {
  const options = { estimator: "leverage", evaluations: 40, seed: 1, ...quiet } as const;
  const evaluate: Game["evaluate"] = async ({ words }) =>
    Float64Array.from(words, (word) => ((word & 1) === 1 ? Math.sin(word) : 0));
  const game: Game = { units: ["gate", "a", "b", "c", "d", "e"], outputShape: [1], evaluate };
  const gated: Game = { ...game, gates: [{ unit: 0, outputs: [[0, 1]] }] };

  it("is not taken up by the same game with other gates: its sums are others", async () => {
    const resume = newPlace();
    await shapley(game, { ...options, resume });
    await expect(shapley(gated, { ...options, resume })).rejects.toThrow("invalid resume");
    const orderings = newPlace();
    await shapley(gated, { orderings: 8, resume: orderings, ...quiet });
    await expect(shapley(game, { orderings: 8, resume: orderings, ...quiet })).rejects.toThrow("invalid resume");
    await shapley(gated, { orderings: 8, resume: orderings, ...quiet });
  });

  it("is not taken up by a part of another whole, whose chunks may be others", async () => {
    const value = (intact: Intact) => [[intact.size], [intact.size ** 2]];
    const resume = newPlace();
    await shapley(partOf(await gameFrom(4, value), 0, 1), { orderings: 8, resume, ...quiet });
    const single = await gameFrom(4, (intact) => [[intact.size]]);
    await expect(shapley(single, { orderings: 8, resume, ...quiet })).rejects.toThrow("invalid resume");
  });
});

describe("auto", () => {
  /** A walk takes an evaluation for each unit. */
  const walking: Game = {
    units: ["a", "b", "c", "d", "e", "f", "g", "h"],
    outputShape: [1],
    evaluate: async ({ count }) => new Float64Array(count),
    walk: (ordering, visit) => {
      ordering.forEach((_, rank) => {
        visit(rank, Float64Array.of(0));
      });
    },
  };

  it("takes no estimator that refuses the budget", async () => {
    for (const evaluations of [15, 16, 17]) {
      const { provenance } = await shapley(walking, { evaluations, ...quiet });
      expect(provenance.estimator_chosen_because).toBe("the evaluations are too few for an ordering and its reverse");
    }
    const game = await gameFrom(8, (intact) => [intact.size, 1]);
    for (const evaluations of [4, 15]) {
      const stored = await shapleyToDisk(game, newPlace(), { evaluations, ...quiet });
      expect(stored.provenance.estimator).toBe("leverage");
    }
    expect((await shapleyToDisk(game, newPlace(), { evaluations: 16, ...quiet })).provenance.estimator).toBe(
      "antithetic",
    );
  });

  it("plays an even number of orderings, at most those that are asked for, where it takes pairs of them", async () => {
    const game = await gameFrom(8, (intact) => [intact.size, 1]);
    const { provenance } = await shapleyToDisk(game, newPlace(), { estimator: "auto", orderings: 5, ...quiet });
    expect(provenance).toMatchObject({ estimator: "antithetic", orderings: 4 });
    const one = await shapleyToDisk(game, newPlace(), { estimator: "auto", orderings: 1, ...quiet });
    expect(one.provenance).toMatchObject({ estimator: "leverage" });
  });
});

describe("values that are too large", () => {
  it("are refused though they add up to 0 over the outputs, in walks and in evaluations", async () => {
    const value = (size: number) => (size === 2 ? [1e200, -1e200] : [size, 0]);
    const game: Game = {
      units: ["a", "b", "c", "d"],
      outputShape: [2],
      evaluate: async ({ words }) => Float64Array.from(Array.from(words).flatMap((word) => value(sizeOf(word)))),
    };
    const sizeOf = (word: number) => Array.from(word.toString(2)).filter((bit) => bit === "1").length;
    const walking: Game = {
      ...game,
      walk: (ordering, visit) => {
        ordering.forEach((_, rank) => {
          visit(rank, Float64Array.from(value(rank + 1)));
        });
      },
    };
    for (const played of [game, walking]) {
      await expect(shapley(played, { orderings: 2, ...quiet })).rejects.toThrow(
        "expected numbers from -1e+140 to 1e+140",
      );
    }
  });
});

describe("what is stored", () => {
  it("keeps the differences of v(all) and v(none) that have a large number in common", async () => {
    const game = await gameFrom(5, (intact) => [1e12 + intact.size, intact.size]);
    const stored = await shapleyToDisk(game, newPlace(), { orderings: 4, ...quiet });
    expect(await stored.efficiencyGap()).toBe(0);
    const { vAll, vNone } = await stored.part();
    expect([...(vAll ?? []), ...(vNone ?? [])]).toEqual([1e12 + 5, 5, 1e12, 0]);
  });

  it("says which slice it is, and is not merged with another one", async () => {
    const game = await gameFrom(["a", "b"], (intact) => [[intact.has("a") ? 1 : 0], [intact.has("b") ? 1 : 0]]);
    const [one, two] = [await shapley(game, { orderings: 4, seed: 1 }), await shapley(game, { orderings: 4, seed: 2 })];
    expect(one.slice(1).slice(0).provenance.slice).toEqual([1, 0]);
    expect(() => mergeModes(one.slice(0), two.slice(1))).toThrow("invalid slice of b");
    expect(() => mergeModes(one.slice(0), two)).toThrow("invalid output shape of b");
    const merged = mergeModes(one.slice(1), two.slice(1));
    expect([...merged.values]).toEqual([0, 1]);
    expect(merged.provenance.slice).toEqual([1]);
    const stored = await shapleyToDisk(game, newPlace(), { orderings: 4, seed: 3, ...quiet });
    expect((await stored.slice(1)).provenance.slice).toEqual([1]);
    expect((await stored.part(1, 2)).provenance.part).toEqual([1, 2]);
    expect((await stored.part()).provenance).toEqual(stored.provenance);
    expect(mergeModes(merged, await stored.slice(1)).provenance.orderings).toBe(12);
    expect(() => mergeModes(merged, one.slice(1))).toThrow("invalid seed of b");
  });
});
