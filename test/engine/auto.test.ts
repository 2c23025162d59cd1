import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Coalitions, Ordering } from "../../src/coalitions/coalition.js";
import { planToDisk } from "../../src/engine/disk-plan.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyHere } from "../../src/engine/shapley-here.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { RowFile } from "../../src/estimators/row-file.js";
import { additiveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game, Values } from "../../src/games/game.js";

/** The clock of this file, in milliseconds: it goes on by what games say that they cost, and by nothing else. */
let clock = 0;
beforeAll(() => {
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** Takes its time, by the clock, for a step of a walk and for a coalition. */
function costly(units: number, stepMs: number, coalitionMs: number): Game & { evaluated: number } {
  const game = additiveGame(Array.from({ length: units }, (_, u) => u));
  const spend = (milliseconds: number) => {
    clock += milliseconds;
  };
  return {
    ...game,
    evaluated: 0,
    async evaluate(coalitions: Coalitions): Promise<Values> {
      spend(coalitionMs * coalitions.count);
      this.evaluated += coalitions.count;
      return game.evaluate(coalitions);
    },
    walk(ordering: Ordering, visit: (rank: number, values: Values) => void): void {
      let sum = 0;
      ordering.forEach((unit, rank) => {
        spend(stepMs);
        sum += unit;
        visit(rank, Float64Array.of(sum));
      });
    },
  };
}

describe("the estimator where none is asked for", () => {
  it("is exact where all coalitions are within the budget", async () => {
    const game = interactionGame(10, { outputs: 2 });
    const modes = await shapley(game);
    expect(modes.provenance).toMatchObject({ estimator: "exact", evaluations: 1024 });
    expect(modes.values).toEqual((await shapley(game, { estimator: "exact" })).values);
    expect((await shapley(game, { evaluations: 1024 })).provenance.estimator).toBe("exact");
    expect((await shapley(game, { evaluations: 1023 })).provenance.estimator).toBe("leverage");
    // 1000 orderings of 14 units are 14,000 evaluations, and there are 16,384 coalitions.
    expect((await shapley(interactionGame(14))).provenance.estimator).toBe("leverage");
    expect((await shapley(await gameFrom(1, () => 1))).provenance.estimator).toBe("exact");
  });

  it("is the paper's where orderings are asked for", async () => {
    const modes = await shapley(interactionGame(4), { orderings: 10 });
    expect(modes.provenance).toMatchObject({ estimator: "permutation", orderings: 10 });
    expect(modes.provenance).not.toHaveProperty("estimator_chosen_because");
  });

  it("is leverage for a game without a walk, without any evaluation beside its own, and with the same bytes each time", async () => {
    let calls = 0;
    const game = await gameFrom(
      20,
      (intact) => {
        calls++;
        return intact.size ** 2;
      },
      { outputShape: [] },
    );
    const modes = await shapley(game, { evaluations: 100 });
    expect([calls, modes.provenance.estimator]).toEqual([modes.provenance.evaluations, "leverage"]);
    expect(modes.provenance.estimator_chosen_because).toContain("no walk");
    const again = await shapley(game, { evaluations: 100 });
    expect([again.values, again.provenance]).toEqual([modes.values, modes.provenance]);
    const named = await shapley(game, { estimator: "leverage", evaluations: 100 });
    expect(named.values).toEqual(modes.values);
    const whole = await shapley(game);
    expect(whole.provenance.evaluations).toBe(2402);
  });

  it.each([
    ["antithetic where a step costs far less than a coalition", 0.002, 20, "antithetic"],
    ["leverage where it does, but the whole takes a moment", 0.002, 0.5, "leverage"],
    ["leverage where a step costs as much", 2, 2, "leverage"],
  ])("is %s, and says what was measured", async (_, step, coalition, expected) => {
    const { provenance } = await shapley(costly(30, step, coalition), { evaluations: 700 });
    expect(provenance.estimator).toBe(expected);
    expect(provenance.estimator_chosen_because).toContain("less variance per second");
    expect(provenance.seconds_per_coalition).toBeCloseTo(coalition / 1000, 9);
    expect(provenance.seconds_per_step).toBeCloseTo(step / 1000, 9);
  });

  it("measures for a moment, where a walk takes long", async () => {
    const game = costly(40, 60, 10);
    const stop = new AbortController();
    const start = clock;
    const { walk } = game;
    game.walk = (...given) => {
      // A walk gives the event loop no turn: an abort arrives after it.
      const played = walk?.apply(game, given);
      stop.abort();
      return played;
    };
    await expect(shapley(game, { evaluations: 1000, signal: stop.signal, progress: false })).rejects.toThrow(
      InterruptedError,
    );
    // A walk that takes no signal is played once: 2.4 s.
    expect(clock - start).toBeGreaterThanOrEqual(2400);
    expect(clock - start).toBeLessThan(3000);
    expect(game.evaluated).toBeLessThan(50);
  });

  it("is antithetic where leverage would hold too much", async () => {
    const game = { ...additiveGame(new Array(30).fill(1)), outputShape: [100_000] };
    game.evaluate = async ({ count }: Coalitions) => new Float64Array(count * 100_000);
    const room = vi.spyOn(RowFile, "room").mockReturnValue(2e9);
    try {
      const modes = await shapley(game, { evaluations: 3000 });
      expect(modes.provenance.estimator).toBe("antithetic");
      expect(modes.provenance.estimator_chosen_because).toBe(
        "leverage would hold 1.2 GB of differences, for which there is too little room in temporary files",
      );
      room.mockReturnValue(1e10);
      const remarks: string[] = [];
      const stopped = { ...game, evaluate: () => Promise.reject(new Error("enough")) };
      const onRemark = (remark: string) => remarks.push(remark);
      await expect(shapley(stopped, { evaluations: 3000, memory: 1e8, onRemark })).rejects.toThrow("enough");
      expect(remarks.join()).toContain("differences of pairs take about 1.2 GB in a temporary file");
    } finally {
      room.mockRestore();
    }
  });

  it("is that of the run that goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shapley-auto-"));
    const game = costly(30, 1, 1);
    const stop = new AbortController();
    const options = { evaluations: 3000, resume: folder, checkpointSeconds: 0 };
    await shapley(game, { ...options, estimator: "antithetic" });
    const { provenance } = await shapley(game, options);
    expect(provenance).toMatchObject({
      estimator: "antithetic",
      estimator_chosen_because: "the run that goes on had it",
    });
    stop.abort();
  });

  it("says what is wrong before anything is evaluated", async () => {
    const game = costly(30, 1, 1);
    await expect(shapley(game, { seed: -1 })).rejects.toThrow("invalid seed");
    await expect(shapley(game, { evaluations: 2 })).rejects.toThrow("invalid evaluations");
    await expect(shapley(game, { estimator: "auto", orderings: 0 })).rejects.toThrow("invalid orderings");
    await expect(shapley(game, { signal: 3 as never })).rejects.toThrow("signal");
    expect(game.evaluated).toBe(0);
  });

  it("is one for all parts of an output that is played in parts, and is what the store is known by", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shapley-auto-"));
    const options = { memory: 2 ** 20, onRemark: () => {} };
    for (const [units, estimator] of [
      [8, "exact"],
      [20, "antithetic"],
    ] as const) {
      const game = await gameFrom(units, (intact) => [intact.size, intact.size ** 2], { outputShape: [2] });
      const path = join(folder, `${units}.zarr`);
      const stored = await shapleyToDisk(game, path, options);
      expect(stored.provenance.estimator).toBe(estimator);
      expect(stored.identity.estimator).toBe(estimator);
      expect(planToDisk(game, options).evaluations).toBe(stored.provenance.evaluations);
      expect((await shapleyToDisk(game, path, { ...options, estimator: "auto" })).provenance).toEqual(
        stored.provenance,
      );
      const ordered = await shapleyToDisk(game, path, { ...options, estimator: "permutation", orderings: 1000 });
      expect(ordered.provenance.estimator).toBe("permutation");
    }
  });

  it("is chosen in a browser too", async () => {
    expect((await shapleyHere(interactionGame(6))).provenance.estimator).toBe("exact");
    expect((await shapleyHere(interactionGame(20))).provenance.estimator).toBe("leverage");
  });
});
