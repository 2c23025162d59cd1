import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../../src/engine/runs/interruption.js";
import { runMlpExperiment } from "../../../src/experiments/mlp/run.js";
import { ShapleyModes } from "../../../src/modes/shapley-modes.js";

describe("runMlpExperiment", () => {
  const small = { profile: "smoke", orderings: 4, seed: 0 } as const;

  it("gives the same results, in the same order, whether networks are shared out or not", async () => {
    const names: Record<number, string[]> = { 1: [], 2: [] };
    const [alone, shared] = [
      await runMlpExperiment({ ...small, workers: 1, onNetwork: ({ name }) => names[1].push(name) }),
      await runMlpExperiment({ ...small, workers: 2, onNetwork: ({ name }) => names[2].push(name) }),
    ];
    expect(shared).toEqual(alone);
    expect(shared.analyses.every(({ modes }) => modes instanceof ShapleyModes)).toBe(true);
    expect(names[2]).toEqual(names[1]);
    expect(names[2]).toHaveLength(7);
  });

  it("refuses a number of workers that is none", async () => {
    await expect(runMlpExperiment({ ...small, workers: 0 })).rejects.toThrow(
      "invalid workers; expected a positive integer; received 0",
    );
  });

  it("stops with the signal, says how far it came, and has the signal's reason as its cause", async () => {
    const abort = new AbortController();
    const stopping = { ...small, workers: 2, signal: abort.signal, onNetwork: () => abort.abort(new Error("enough")) };
    const error = await runMlpExperiment(stopping).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.message).toMatch(/^interrupted after 1 of \d+ networks; their analyses are not kept$/);
    expect(error.cause).toEqual(new Error("enough"));
  });
});
