import { describe, expect, test } from "vitest";
import { layerGroups } from "../../src/analysis/layers.js";
import { lesioned, visitLesioned } from "../../src/analysis/lesions.js";
import { type Coalitions, intactUnits } from "../../src/coalitions/coalition.js";
import { GameError } from "../../src/errors.js";
import type { Game } from "../../src/games/game.js";
import { painting, paintingGame } from "./masked-games.js";

describe("lesioned", () => {
  test("is v of everyone but the set, in the order of the sets", async () => {
    const game = await paintingGame(2);
    const { intact, lesioned: images, outputShape } = await lesioned(game, [["b/0"], [], ["a/0", "b/1"]]);
    expect(outputShape).toEqual([2, 3, 4, 4]);
    const [b0, a0, b1] = [painting("b/0", 2), painting("a/0", 2), painting("b/1", 2)];
    expect(images).toHaveLength(3);
    expect(images[1]).toEqual(intact);
    intact.forEach((value, i) => {
      expect(images[0][i]).toBeCloseTo(value - b0[i], 12);
      expect(images[2][i]).toBeCloseTo(value - a0[i] - b1[i], 12);
    });
  });

  /** Units 0 to 4, v is the sum of the intact ones' numbers, many times; one array for all calls. */
  const outputs = 2 ** 20;
  const array = new Float32Array(2 * outputs);
  const batches: number[] = [];
  const large: Game = {
    units: ["0", "1", "2", "3", "4"],
    outputShape: [outputs],
    async evaluate(coalitions: Coalitions) {
      batches.push(coalitions.count);
      for (let c = 0; c < coalitions.count; c++) {
        const sum = intactUnits(coalitions, c).reduce((total, unit) => total + unit, 0);
        array.fill(sum, c * outputs, (c + 1) * outputs);
      }
      return array.subarray(0, coalitions.count * outputs);
    },
  };

  test("is evaluated in batches of bounded size, and keeps what a game writes over", async () => {
    batches.length = 0;
    const { intact, lesioned: values } = await lesioned(large, [["1"], ["2"], ["1", "4"]]);
    expect(batches).toEqual([2, 2]);
    expect([intact[0], ...values.map((value) => value[outputs - 1])]).toEqual([10, 9, 8, 5]);
  });

  test("is refused for unknown units, and where numbers are not finite the error names the coalition", async () => {
    const game = await paintingGame(1);
    await expect(lesioned(game, [["a/9"]])).rejects.toThrow("invalid unit; expected the name of a unit of the game");
    await expect(lesioned(game, ["a/0"] as unknown as string[][])).rejects.toThrow("invalid set");
    const broken: Game = {
      units: ["x", "y"],
      outputShape: [],
      evaluate: async (coalitions) =>
        Float64Array.from({ length: coalitions.count }, (_, c) => (c === 1 ? Number.NaN : 1)),
    };
    const error = await lesioned(broken, [["x"]]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GameError);
    expect(error.coalition).toEqual(["y"]);
  });

  test("stops between batches when it is told to", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const visit = (_: unknown, set: number) => {
      seen.push(set);
      stop.abort();
    };
    await expect(visitLesioned(large, [[], [], [], []], visit, { signal: stop.signal })).rejects.toThrow("aborted");
    expect(seen).toEqual([0, 1]);
  });
});

describe("layerGroups", () => {
  test("cuts names at their last slash", () => {
    expect(layerGroups(["a/0", "b/c/1", "a/2"])).toEqual({ a: ["a/0", "a/2"], "b/c": ["b/c/1"] });
    expect(() => layerGroups(["unit"])).toThrow("invalid unit");
  });
});
