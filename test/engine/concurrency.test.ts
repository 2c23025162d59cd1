import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { shapley } from "../../src/engine/shapley.js";
import { type EstimatorName, estimators } from "../../src/estimators/registry.js";
import { additiveGame } from "../../src/games/closed-form.js";
import { gameFrom, type Intact } from "../../src/games/from-function.js";
import { memoised } from "../../src/games/memoised.js";
import { partOf } from "../../src/games/part.js";
import { toNpz } from "../../src/modes/npz.js";
import { fc } from "../helpers/properties.js";

const names = Object.keys(estimators) as EstimatorName[];

/** A value that differs for each coalition. */
function numbersOf(intact: Intact): number[] {
  const sum = intact.indices.reduce((total, i) => total + Math.sqrt(i + 2), 0);
  return [Math.sin(3 * sum), sum * sum];
}

/** A game whose promises are kept in another order than they were made, and how many were under way at once at most. */
async function slowGame(units: number, order: (call: number) => number) {
  const seen = { now: 0, most: 0, calls: 0 };
  const game = await gameFrom(
    units,
    async (intact) => {
      const turns = order(seen.calls++);
      seen.most = Math.max(seen.most, ++seen.now);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      if (turns % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      seen.now--;
      return numbersOf(intact);
    },
    { outputShape: [2] },
  );
  return { game, seen };
}

describe("concurrency", () => {
  it("refuses an array that several evaluations write into, takes one that is kept for a coalition", async () => {
    const out = [0];
    const shared = await gameFrom(5, async (intact) => {
      out[0] = intact.size ** 2;
      return out;
    });
    const refused = "expected a new array for each coalition, where several are in flight";
    await expect(shapley(shared, { estimator: "exact", concurrency: 4 })).rejects.toThrow(refused);
    expect((await shapley(shared, { estimator: "exact" })).values[0]).toBeCloseTo(5, 12);
    const known = new Map<string, number[]>();
    const kept = await gameFrom(5, async (intact) => {
      const key = intact.names.join();
      const value = known.get(key) ?? [intact.size ** 2];
      known.set(key, value);
      return value;
    });
    for (let time = 0; time < 2; time++) {
      expect((await shapley(kept, { estimator: "exact", concurrency: 4 })).values[0]).toBeCloseTo(5, 12);
    }
  });

  it.each(names)("of any number gives the same bytes: %s", async (estimator) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
        async (units, concurrency, delays) => {
          const { game, seen } = await slowGame(units, (call) => delays[call % delays.length]);
          const budget = estimator === "exact" ? {} : { orderings: 10, seed: 3 };
          const options = { estimator, ...budget, progress: false };
          const alone = await shapley(game, options);
          expect(seen.most).toBe(1);
          expect(toNpz(await shapley(game, { ...options, concurrency }))).toEqual(toNpz(alone));
          expect(seen.most).toBeLessThanOrEqual(concurrency);
          expect(seen.now).toBe(0);
        },
      ),
      { numRuns: 8 },
    );
  });

  it("keeps as many evaluations under way as it may, across orderings", async () => {
    const { game, seen } = await slowGame(6, () => 3);
    await shapley(game, { orderings: 40, concurrency: 16 });
    expect(seen.most).toBe(16);
  });

  it("holds for memoised games and parts of games", async () => {
    const { game, seen } = await slowGame(6, (call) => call % 5);
    const options = { orderings: 20, progress: false } as const;
    for (const wrap of [memoised, (whole: typeof game) => partOf(whole, 1, 2)]) {
      seen.most = 0;
      const alone = await shapley(wrap(game), options);
      expect(seen.most).toBe(1);
      expect(toNpz(await shapley(wrap(game), { ...options, concurrency: 4 }))).toEqual(toNpz(alone));
      expect(seen.most).toBe(4);
    }
  });

  it("an error ends the rest: nothing more is asked, and what is under way is told", async () => {
    let calls = 0;
    const told: boolean[] = [];
    const game = await gameFrom(
      12,
      async (intact) => {
        const call = calls++;
        if (call === 9) throw new Error("the service is down");
        if (call > 2) {
          await new Promise<void>((resolve) => intact.signal?.addEventListener("abort", () => resolve()));
          told.push(intact.signal?.aborted === true);
        }
        return intact.size;
      },
      { outputShape: [] },
    );
    await expect(shapley(game, { orderings: 100, concurrency: 8, seed: 4 })).rejects.toThrow(
      /the game threw: the service is down; coalition \{.*seed 4/,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(10);
    expect(told).toEqual(Array(6).fill(true));
  });

  it("an abort ends it at once, and leaves the chunks before", async () => {
    const stop = new AbortController();
    let calls = 0;
    const game = await gameFrom(
      10,
      async (intact) => {
        if (++calls === 300) stop.abort();
        await new Promise((resolve) => setImmediate(resolve));
        return intact.size ** 2;
      },
      { outputShape: [] },
    );
    const error = await shapley(game, { orderings: 1000, concurrency: 6, signal: stop.signal }).catch((cause) => cause);
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial.provenance.orderings).toBeGreaterThan(0);
    const after = calls;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(after);
    const { orderings } = error.partial.provenance;
    const same = await shapley(game, { orderings });
    expect(error.partial.values).toEqual(same.values);
  });

  it("is refused with workers, and where it is no positive integer; of no use, a remark says so", async () => {
    const { game } = await slowGame(3, () => 0);
    await expect(shapley(game, { concurrency: 2, workers: 2 })).rejects.toThrow("1 where there are several workers");
    await expect(shapley(game, { concurrency: 0 })).rejects.toThrow("invalid concurrency; expected a positive integer");
    const remarks: string[] = [];
    await shapley(additiveGame([1, 2]), { orderings: 2, concurrency: 2, onRemark: (remark) => remarks.push(remark) });
    expect(remarks).toHaveLength(1);
    const other = { ...game, evaluate: async () => Float64Array.of(0, 0) };
    await shapley(other, { orderings: 1, concurrency: 2, onRemark: (remark) => remarks.push(remark) }).catch(() => {});
    expect(remarks).toHaveLength(2);
  });
});
