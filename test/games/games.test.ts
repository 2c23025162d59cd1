import { describe, expect, it } from "vitest";
import { allIntact, coalitionsOf, noneIntact } from "../../src/coalitions/coalition.js";
import { shapley } from "../../src/engine/shapley.js";
import { GameError } from "../../src/errors.js";
import { gloveGame, interactionGame, majorityGame, unanimityGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { memoised } from "../../src/games/memoised.js";

describe("gameFrom", () => {
  it("takes functions that return numbers, arrays, nested arrays or typed arrays, now or later", async () => {
    const shapes = await Promise.all([
      gameFrom(2, () => 1),
      gameFrom(2, async () => [1, 2, 3]),
      gameFrom(2, () => [
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      gameFrom(2, () => Float32Array.of(1, 2)),
      gameFrom(2, () => [Float64Array.of(1, 2), Float64Array.of(3, 4)]),
      gameFrom(2, () => Float64Array.of(1, 2, 3, 4), { outputShape: [2, 2] }),
    ]);
    expect(shapes.map((game) => game.outputShape)).toEqual([[], [3], [3, 2], [2], [2, 2], [2, 2]]);
    const nested = await shapes[2].evaluate(noneIntact(2, 2));
    expect(Array.from(nested)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });

  it("refuses a list of one number where v is a number, and a number where it is a list", async () => {
    const nobody = (lists: boolean) => (intact: { size: number }) =>
      (intact.size === 0) === lists ? [intact.size] : intact.size;
    for (const lists of [false, true]) {
      const game = await gameFrom(2, nobody(lists));
      expect(game.outputShape).toEqual(lists ? [1] : []);
      await expect(game.evaluate(allIntact(2))).rejects.toThrow(
        `invalid value of the game; expected shape [${lists ? 1 : ""}]; received ${lists ? "2" : "[2]"}; coalition {0, 1}`,
      );
    }
  });

  it("is made where the function returns NaN for nobody, which is refused when it is played", async () => {
    const game = await gameFrom(2, (intact) => (intact.size === 0 ? Number.NaN : 1));
    await expect(game.evaluate(noneIntact(2))).rejects.toThrow("expected finite numbers; received NaN; coalition {}");
  });

  it("refuses more units than an ordering can be drawn of, before it makes names of them", async () => {
    for (const units of [1e9, 2 ** 21 + 1, { length: 1e7 }]) {
      const given = typeof units === "number" ? units : Array.from(units, () => "a");
      await expect(gameFrom(given, () => 1)).rejects.toThrow("invalid units; expected at most 2097152; received ");
    }
    expect((await gameFrom(1e6, () => 1)).units).toHaveLength(1e6);
  });

  it("costs a game that looks at the size alone no lists: as much for each unit of 10,000 as of 1000", async () => {
    const secondsOf = async (units: number) => {
      const game = await gameFrom(units, (intact) => intact.size ** 2);
      const start = process.cpuUsage();
      const modes = await shapley(game, { orderings: 1 });
      expect(modes.total()[0]).toBe(units ** 2);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    };
    await secondsOf(1000);
    const [few, many] = [(await secondsOf(1000)) / 1000, (await secondsOf(10_000)) / 10_000];
    // Lists of the units for each coalition, as they were made once, take over 20 times as long: 300 us against 15 us a
    // unit.
    expect(many).toBeLessThan(Math.max(5 * few, 100e-6));
  });

  it("shows the function who is intact, by name and by index", async () => {
    const seen: unknown[] = [];
    const game = await gameFrom(["a", "b", "c"], (intact) => {
      seen.push([intact.names, intact.indices, intact.size, intact.has("a"), intact.has(2)]);
      return 0;
    });
    await game.evaluate(coalitionsOf(3, [[2, 1]]));
    expect(seen.at(-1)).toEqual([["b", "c"], [1, 2], 2, false, true]);
  });

  it("refuses an array that holds itself", async () => {
    const round: unknown[] = [];
    round.push(round);
    await expect(gameFrom(2, () => round as never)).rejects.toThrow("expected a number, an array of numbers");
  });

  it("names the coalition when the function throws, returns NaN, infinity, or another shape", async () => {
    const failing = (bad: () => number | number[]) =>
      gameFrom(["a", "b", "c"], (intact) => (intact.size === 2 ? bad() : 0)).then((game) =>
        game.evaluate(coalitionsOf(3, [[0], [0, 2]])),
      );
    await expect(failing(() => Number.NaN)).rejects.toThrow(
      "invalid value of the game; expected finite numbers; received NaN; coalition {a, c}",
    );
    await expect(failing(() => Number.POSITIVE_INFINITY)).rejects.toThrow(GameError);
    await expect(failing(() => [1, 2])).rejects.toThrow("expected shape []; received [1, 2]; coalition {a, c}");
    await expect(failing(() => 1n as never)).rejects.toThrow("received 1n; coalition {a, c}");
    const thrown = await failing(() => {
      throw new Error("no such layer");
    }).catch((error) => error);
    expect(thrown.message).toBe("the game threw: no such layer; coalition {a, c}");
    expect(thrown.cause.message).toBe("no such layer");
    expect(thrown.coalition).toEqual(["a", "c"]);
  });

  it("refuses ragged arrays, and values that are no numbers", async () => {
    const ragged = await gameFrom(2, (intact) =>
      intact.size
        ? [[1, 2], [3]]
        : [
            [1, 2],
            [3, 4],
          ],
    );
    await expect(ragged.evaluate(allIntact(2))).rejects.toThrow("expected shape [2, 2]");
    await expect(gameFrom(2, () => "1" as never)).rejects.toThrow(TypeError);
    const texts = await gameFrom(2, () => ["a", "b"] as never).catch((error) => error);
    expect(texts).toBeInstanceOf(TypeError);
  });

  it("refuses names that stand twice, no units, and a unit the game does not have", async () => {
    await expect(gameFrom(["a", "a"], () => 0)).rejects.toThrow(
      'invalid unit name; expected a name that no other unit has; received "a"',
    );
    await expect(gameFrom([], () => 0)).rejects.toThrow(RangeError);
    await expect(gameFrom(["a"], (intact) => (intact.has("b") ? 1 : 0))).rejects.toThrow(
      'invalid unit; expected one of the game\'s 1 units; received "b"; coalition {}',
    );
  });

  it("stops between coalitions once the signal is aborted", async () => {
    const abort = new AbortController();
    let asked = 0;
    const game = await gameFrom(2, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (++asked === 3) abort.abort(new Error("enough"));
      return 0;
    });
    await expect(game.evaluate(noneIntact(2, 1000), abort.signal)).rejects.toThrow("enough");
    expect(asked).toBeLessThan(10);
  });
});

describe("memoised games", () => {
  it("evaluate each coalition once, also within a batch, and give the same values", async () => {
    let calls = 0;
    const game = memoised(
      await gameFrom(40, (intact) => {
        calls++;
        return [intact.size, intact.indices[0] ?? -1];
      }),
    );
    const asked = coalitionsOf(40, [[1, 39], [39, 1], [], [1]]);
    const before = calls;
    const first = await game.evaluate(asked);
    expect(Array.from(first)).toEqual([2, 1, 2, 1, 0, -1, 1, 1]);
    expect(calls - before).toBe(3);
    expect(await game.evaluate(asked)).toEqual(first);
    expect([calls - before, game.misses, game.hits]).toEqual([3, 3, 5]);
  });

  it("answer right when asked by several at once and short of room", async () => {
    const slow = await gameFrom(6, async (intact) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return intact.size;
    });
    const game = memoised(slow, { capacity: 2 });
    const asked = coalitionsOf(6, [[0], [1, 2], [3, 4, 5], []]);
    const answers = await Promise.all(Array.from({ length: 5 }, () => game.evaluate(asked)));
    for (const values of answers) expect(Array.from(values)).toEqual([1, 2, 3, 0]);
  });

  it("forget the oldest beyond their capacity and still answer right", async () => {
    const game = memoised(await gameFrom(5, (intact) => intact.size), { capacity: 2 });
    const asked = coalitionsOf(5, [[0], [0, 1], [0, 1, 2]]);
    expect(Array.from(await game.evaluate(asked))).toEqual([1, 2, 3]);
    expect(Array.from(await game.evaluate(asked))).toEqual([1, 2, 3]);
    expect(game.misses).toBeGreaterThan(3);
  });
});

describe("closed-form games", () => {
  it("have values that add up to v(all) - v(none)", async () => {
    for (const game of [
      gloveGame(2, 3),
      majorityGame(5),
      unanimityGame(6, [1, 4]),
      interactionGame(7, { outputs: 3 }),
    ]) {
      const units = game.units.length;
      const outputs = game.outputShape[0] ?? 1;
      const all = await game.evaluate(allIntact(units));
      const none = await game.evaluate(noneIntact(units));
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        for (let u = 0; u < units; u++) sum += game.shapleyValues[u * outputs + o];
        expect(sum).toBeCloseTo(all[o] - none[o], 12);
      }
    }
  });

  it("know the textbook glove market: one left glove, two right ones", () => {
    const values = Array.from(gloveGame(1, 2).shapleyValues);
    [2 / 3, 1 / 6, 1 / 6].forEach((value, unit) => expect(values[unit]).toBeCloseTo(value, 14));
  });
});
