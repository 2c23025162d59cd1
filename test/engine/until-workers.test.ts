import { describe, expect, it } from "vitest";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { stoppingRecord } from "../../src/estimators/stopping/record.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";

const bytes = (modes: ShapleyModes) => Buffer.from(toNpz(modes)).toString("base64");
const quiet = { onRemark: () => {} };

describe("until with workers", () => {
  it.each<[string, ShapleyOptions]>([
    ["permutation", { estimator: "permutation", until: { standardError: 0.15, rankStability: 0.9 } }],
    ["antithetic", { estimator: "antithetic", until: { meanStandardError: 0.03, top: 3 }, orderings: 600 }],
    ["leverage", { estimator: "leverage", until: { relativeError: 0.0001, rankStability: 0.99 }, evaluations: 1500 }],
  ])("gives the same bytes for 1 and 2 workers (%s)", async (estimator, options) => {
    const game = () =>
      estimator !== "permutation"
        ? gameFromSpec({ module: "shapley-modes/games", export: "gloveGame", arguments: [6, 7] })
        : gameFromSpec({ module: "shapley-modes/games", export: "interactionGame", arguments: [9, { outputs: 3 }] });
    const [one, two] = [
      await shapley(await game(), { ...options, ...quiet, workers: 1 }),
      await shapley(await game(), { ...options, ...quiet, workers: 2 }),
    ];
    expect(bytes(two)).toBe(bytes(one));
    expect(stoppingRecord(one.provenance)?.looks.length).toBeGreaterThan(1);
  });
});
