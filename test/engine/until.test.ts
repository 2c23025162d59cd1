import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Coalitions } from "../../src/coalitions/coalition.js";
import type { Progress } from "../../src/engine/progress/progress.js";
import { runningText } from "../../src/engine/progress/progress-text.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { shapley as play, type ShapleyOptions } from "../../src/engine/shapley.js";
import { shapleyHere as playHere, type ShapleyHereOptions } from "../../src/engine/shapley-here.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { stoppedText, stoppingRecord } from "../../src/estimators/stopping/record.js";
import type { Until } from "../../src/estimators/stopping/until.js";
import { additiveGame, interactionGame, majorityGame, unanimityGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { memoised } from "../../src/games/memoised.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { fc } from "../helpers/properties.js";

const bytes = (modes: ShapleyModes) => Buffer.from(toNpz(modes)).toString("base64");
const folder = () => join(mkdtempSync(join(tmpdir(), "until-")), "run");
/** Orderings, where nothing else is said: "auto" goes by the clock. */
const shapley = (game: Game, options: ShapleyOptions) => play(game, { estimator: "permutation", ...options });
const shapleyHere = (game: Game, options: ShapleyHereOptions) =>
  playHere(game, { estimator: "permutation", ...options });
const quiet = { onRemark: () => {} };
const recordOf = (modes: ShapleyModes) => {
  const record = stoppingRecord(modes.provenance);
  if (!record) throw new Error("no record");
  return record;
};
/** Values of five units and products of up to five of them: interactions of all orders, two outputs. */
const products = (units = 9): Promise<Game> =>
  gameFrom(units, (intact) => {
    let product = 1;
    let sum = 0;
    for (let unit = 0; unit < units; unit++) {
      if (!intact.has(unit)) continue;
      product *= 1 + 0.08 * (unit + 1);
      sum += Math.sin(unit);
    }
    return [product, Math.tanh(sum)];
  });
const remarksOf = async (game: Game, options: ShapleyOptions) => {
  const remarks: string[] = [];
  const modes = await shapley(game, { ...options, onRemark: (text) => remarks.push(text) });
  return { modes, remarks };
};

describe("until", () => {
  it.each(["permutation", "antithetic"] as const)(
    "stops once the error is small enough, with the numbers of a run of so many orderings (%s)",
    async (estimator) => {
      const game = await products();
      const modes = await shapley(game, { estimator, until: { standardError: 0.03 }, seed: 3, ...quiet });
      const { looks, stopped, goals } = recordOf(modes);
      expect([stopped, goals]).toEqual(["met", [expect.objectContaining({ rule: "standardError", met: true })]]);
      expect(Math.max(...(modes.standardErrors ?? []))).toBe(looks.at(-1)?.measures.standardError);
      expect(looks.map(({ measures }) => measures.standardError <= 0.03)).toEqual(
        looks.map((_, at) => at === looks.length - 1),
      );
      expect(looks.at(-1)).toMatchObject({
        orderings: modes.provenance.orderings,
        evaluations: modes.provenance.evaluations,
      });
      const plain = await shapley(game, { estimator, orderings: modes.provenance.orderings as number, seed: 3 });
      expect(modes.values).toEqual(plain.values);
      expect(modes.standardErrors).toEqual(plain.standardErrors);
      expect(modes.complete).toBe(true);
      expect(stoppedText(modes.provenance)).toMatch(
        /^stopped as asked for; largest standard error 0\.0\d+, goal 0\.03$/,
      );
    },
  );

  it.each([
    ["permutation", 9, 0.2, [3000, 3800]],
    ["antithetic", 9, 0.1, [3000, 3800]],
    ["leverage", 13, 0.2, [3000, 3800]],
  ] as const)(
    "stops at the same place whatever the maximum is (%s)",
    async (estimator, units, standardError, budgets) => {
      const game = await products(units);
      const results: ShapleyModes[] = [];
      for (const evaluations of budgets) {
        results.push(await shapley(game, { estimator, evaluations, until: { standardError }, ...quiet }));
      }
      expect(results.map((modes) => recordOf(modes).stopped)).toEqual(["met", "met"]);
      expect(recordOf(results[0]).looks.length).toBeGreaterThan(1);
      expect(bytes(results[1])).toBe(bytes(results[0]));
    },
  );

  it.each<[string, ShapleyOptions]>([
    ["permutation", { until: { standardError: 0.12, rankStability: 0.95 }, seed: 0 }],
    ["antithetic", { estimator: "antithetic", until: { relativeError: 0.04 }, seed: 4 }],
    ["leverage", { estimator: "leverage", until: { standardError: 0.002, rankStability: 0.5 }, evaluations: 400 }],
  ])("gives the bytes of an undisturbed run wherever it was interrupted (%s)", async (_, options) => {
    const game = await products(9);
    const expected = bytes(await shapley(game, { ...options, ...quiet }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 20, max: 500 }), { minLength: 1, maxLength: 3 }), async (stops) => {
        const resume = folder();
        for (const after of stops) {
          const abort = new AbortController();
          let asked = 0;
          const stopping: Game = {
            ...game,
            evaluate(coalitions: Coalitions) {
              asked += coalitions.count;
              if (asked > after) abort.abort(new Error("enough"));
              return game.evaluate(coalitions);
            },
          };
          const run = shapley(stopping, { ...options, ...quiet, resume, checkpointSeconds: 0, signal: abort.signal });
          await run.catch((error) => {
            if (!(error instanceof InterruptedError)) throw error;
          });
        }
        expect(bytes(await shapley(game, { ...options, ...quiet, resume }))).toBe(expected);
      }),
      { numRuns: 8 },
    );
  });

  it("goes on from a folder for a stricter goal as an undisturbed run, and is content with what is there for a looser one", async () => {
    const game = await products();
    const resume = folder();
    const of = (standardError: number, more: ShapleyOptions = {}) =>
      shapley(game, { until: { standardError }, ...quiet, ...more });
    const first = await of(0.2, { resume });
    const strict = await of(0.08, { resume });
    expect(bytes(strict)).toBe(bytes(await of(0.08)));
    expect(strict.provenance.orderings).toBeGreaterThan(first.provenance.orderings as number);
    const loose = await of(0.2, { resume });
    expect(loose.values).toEqual(strict.values);
    expect(recordOf(loose).stopped).toBe("met");
  });

  it("goes on with another budget to the bytes of a run that had it from the start (leverage)", async () => {
    const game = await products(12);
    const remarks: string[] = [];
    let asked = 0;
    const counted: Game = {
      ...game,
      evaluate(coalitions) {
        asked += coalitions.count;
        return game.evaluate(coalitions);
      },
    };
    const of = (evaluations: number, more: ShapleyOptions = {}) =>
      shapley(counted, { estimator: "leverage", until: { standardError: 1e-9, evaluations }, ...quiet, ...more });
    const resume = folder();
    const first = await of(300, { resume });
    expect(recordOf(first).stopped).toBe("evaluations");
    asked = 0;
    const onRemark = (remark: string) => remarks.push(remark);
    const larger = await of(900, { resume, onRemark });
    // Of 149 pairs the first 122 are those of both; the ends and a probe are evaluated again.
    expect(asked).toBe(3 + 898 - 2 * 122);
    expect(remarks[0]).toContain("the first 246 evaluations, which do not depend on how many there may be, are there");
    expect(bytes(larger)).toBe(bytes(await of(900)));
    asked = 0;
    expect(bytes(await of(900, { resume }))).toBe(bytes(larger));
    expect(asked).toBe(3);
    expect(bytes(await of(400, { resume }))).toBe(bytes(await of(400)));
    const small = folder();
    await of(50, { resume: small });
    await expect(of(300, { resume: small })).rejects.toThrow(
      /invalid resume; expected the folder of a run with the same game and options \(draw: /,
    );
  });

  it("plays the same in this thread alone, as a browser does", async () => {
    const game = await products();
    for (const options of [{ until: { top: 2 } }, { estimator: "leverage", until: { relativeError: 0.01 } }] as const) {
      expect(bytes(await shapleyHere(game, { ...options, ...quiet }))).toBe(
        bytes(await shapley(game, { ...options, ...quiet })),
      );
    }
  });

  it("lets evaluations overlap with the same bytes", async () => {
    const game = await gameFrom(7, async (intact) => intact.size ** 2 + (intact.has(2) && intact.has(4) ? 3 : 0));
    const options = { until: { standardError: 0.4 }, ...quiet };
    expect(bytes(await shapley(game, { ...options, concurrency: 5 }))).toBe(bytes(await shapley(game, options)));
  });

  it("stops when its seconds are over, and says how much can be played again", async () => {
    const game = await products(12);
    const { modes, remarks } = await remarksOf(game, {
      until: { standardError: 1e-9, seconds: 0.2 },
      orderings: 10 ** 7,
    });
    const { stopped, goals } = recordOf(modes);
    expect([stopped, goals[0].met, modes.complete]).toEqual(["seconds", false, true]);
    const again = await shapley(game, { orderings: modes.provenance.orderings as number });
    expect(again.values).toEqual(modes.values);
    expect(remarks.join("\n")).toContain("a goal was missed: largest standard error");
  });

  it("takes evaluations as a budget, and the smaller of two budgets", async () => {
    const game = additiveGame([1, 2, 3, 4]);
    const played = async (options: ShapleyOptions) =>
      (await shapley(game, { ...options, ...quiet })).provenance.orderings;
    expect(await played({ until: { evaluations: 62 } })).toBe(20);
    expect(await played({ until: { evaluations: 62 }, orderings: 8 })).toBe(8);
    expect(await played({ until: { evaluations: 62 }, orderings: 100 })).toBe(20);
    const leverage = await shapley(majorityGame(11), { estimator: "leverage", until: { evaluations: 300 }, ...quiet });
    expect(leverage.provenance.evaluations).toBeLessThanOrEqual(300);
    expect(leverage.provenance.evaluations).toBeGreaterThan(290);
    expect(recordOf(leverage)).toMatchObject({ stopped: "evaluations", goals: [] });
  });

  it("says early what a goal would take, goes on to its budget, and says by how much it was missed", async () => {
    const { modes, remarks } = await remarksOf(await products(), { until: { standardError: 0.002 }, orderings: 400 });
    expect(remarks).toEqual([
      expect.stringMatching(
        /^largest standard error .*, goal 0.002 after 36 orderings; it would take about [\d,]+ orderings.*; the run goes on to its budget$/,
      ),
      expect.stringMatching(
        /^a goal was missed: largest standard error .*, goal 0.002 after 400 orderings; it would take about [\d,]+ orderings/,
      ),
    ]);
    expect(modes.provenance).toMatchObject({
      orderings: 400,
      until: { missed: ["standardError"], stopped: "orderings" },
    });
    const needed = [...remarks.join().matchAll(/about ([\d,]+) orderings/g)].map(([, number]) =>
      Number(number.replaceAll(",", "")),
    );
    // Both say the same but for the error of the first one's 36 orderings.
    expect(needed[0] / needed[1]).toBeGreaterThan(0.4);
    expect(needed[0] / needed[1]).toBeLessThan(2.5);
  });

  it("knows that all coalitions are enough", async () => {
    const until = { standardError: 1e-7 };
    const ordered = await remarksOf(await products(6), { until, orderings: 100 });
    expect(ordered.remarks).toHaveLength(2);
    for (const remark of ordered.remarks) expect(remark).toContain("; exact takes 64 evaluations");
    const pairs = await remarksOf(await products(12), { estimator: "leverage", until, evaluations: 600 });
    expect(pairs.remarks).toHaveLength(2);
    for (const remark of pairs.remarks) expect(remark).toContain("; it would take at most all 4,096 coalitions");
  });

  it("says nothing of the kind where the budget is all coalitions, whose error is 0", async () => {
    const { modes, remarks } = await remarksOf(majorityGame(9), {
      estimator: "leverage",
      until: { standardError: 1e-9 },
    });
    expect(remarks).toEqual([]);
    expect(recordOf(modes)).toMatchObject({ stopped: "met" });
    expect(modes.provenance.evaluations).toBe(512);
  });
});

describe("until, where little is known", () => {
  it.each([0, 1e6, 1e9])("goes by the contributions, whatever all values have in common (%d)", async (common) => {
    const game = await gameFrom(12, (i) => common + (i.has(1) && i.has(2) && !i.has(4) ? 1 : 0));
    const options = { orderings: 4000, seed: 2, until: { relativeError: 0.05 }, ...quiet };
    const modes = await shapley(game, options);
    const largest = (numbers: Float64Array) => numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(recordOf(modes).stopped).toBe("met");
    expect(largest(modes.standardErrors!) / largest(modes.values)).toBeLessThanOrEqual(0.05);
  });

  it("an output that no unit changes but for the rounding of single precision blocks nothing", async () => {
    const noise = await gameFrom(6, (i) =>
      Float32Array.of(i.has(0) && i.has(3) ? 2 : 0, 100 + (i.has(1) ? 2 ** -18 : 0)),
    );
    const modes = await shapley(noise, { until: { relativeError: 0.2 }, orderings: 4000, ...quiet });
    expect(recordOf(modes).stopped).toBe("met");
  });

  it.each([
    ["permutation", 2],
    ["permutation", 15],
    ["antithetic", 4],
    ["antithetic", 30],
  ] as const)(
    "a budget that ends before the first look meets no goal (%s, %d orderings)",
    async (estimator, orderings) => {
      const game = await gameFrom(10, (i) => (i.has(3) && i.has(4) && !i.has(5) ? 5 : 0) + i.size / 10);
      for (let seed = 0; seed < 20; seed++) {
        const modes = await shapley(game, { estimator, orderings, seed, until: { standardError: 100 }, ...quiet });
        expect(modes.provenance.until).toMatchObject({ stopped: "orderings", missed: ["standardError"] });
      }
    },
  );
});

describe("until without an estimator", () => {
  it("is not exact, which has to play all coalitions, and stops sooner", async () => {
    const modes = await play(await products(10), { until: { relativeError: 0.05 }, ...quiet });
    expect(modes.provenance.estimator).toBe("leverage");
    expect(modes.provenance.evaluations).toBeLessThan(400);
    const timed = await play(await products(10), { until: { standardError: 1e-9, seconds: 60 }, ...quiet });
    expect(recordOf(timed)).toMatchObject({ stopped: "met" });
    expect(timed.provenance.evaluations).toBe(1024);
  });

  it.each([1, 2, 3, 10, 13])(
    "is exact at the end where all coalitions of %i units are within the budget, also of a game with a walk",
    async (units) => {
      const game = interactionGame(units);
      const walk = () => {
        throw new Error("not walked");
      };
      const modes = await play({ ...game, walk }, { until: { standardError: 1e-12 }, ...quiet });
      expect(modes.provenance.estimator).toBe("leverage");
      expect(modes.provenance.evaluations).toBeLessThanOrEqual(Math.max(4, 2 ** units));
      expect(recordOf(modes)).toMatchObject({ stopped: "met" });
      const exact = await play(game, { estimator: "exact" });
      modes.values.forEach((value, i) => expect(value).toBeCloseTo(exact.values[i], 9));
    },
  );
});

describe("rules of until", () => {
  const all: Until = { standardError: 1e-6, meanStandardError: 1e-6, relativeError: 1e-6, rankStability: 0.99, top: 2 };

  it.each(["permutation", "antithetic", "leverage"] as const)(
    "hold for a game that is constant once 60 samples say so (%s)",
    async (estimator) => {
      const { modes, remarks } = await remarksOf(await gameFrom(8, () => 3), { estimator, until: all });
      expect(recordOf(modes).stopped).toBe("met");
      const { evaluations, orderings, degrees_of_freedom: beyond } = modes.provenance;
      const samples = estimator === "leverage" ? (beyond as number) : Number(orderings);
      expect(samples).toBeGreaterThanOrEqual(estimator === "antithetic" ? 120 : 60);
      expect(evaluations).toBeLessThan(1200);
      expect(remarks).toEqual([]);
    },
  );

  it("hold for the exact estimator, at its end and not before", async () => {
    const modes = await shapley(interactionGame(14), { estimator: "exact", until: { ...all, top: 13 }, ...quiet });
    expect(recordOf(modes)).toMatchObject({ stopped: "met", looks: [{ evaluations: 2 ** 14, orderings: null }] });
  });

  it("are not blocked by units of exactly 0", async () => {
    const game = unanimityGame(12, [2, 5]);
    const until = { relativeError: 0.1, top: 2, rankStability: 0.95 };
    const modes = await shapley(game, { until, ...quiet });
    expect(recordOf(modes).stopped).toBe("met");
    expect(modes.unit(0).values[0]).toBe(0);
  });

  it("relativeError is not blocked by an output that no unit changes, or of which only rounding is left", async () => {
    const game = await gameFrom(6, (intact) => [intact.size ** 2, 7, 1e6 + 1e-12 * intact.size ** 3]);
    const modes = await shapley(game, { until: { relativeError: 0.05 }, ...quiet });
    expect(recordOf(modes).stopped).toBe("met");
  });

  it("are never met by a single sample, whose error nobody knows", async () => {
    for (const rule of ["standardError", "meanStandardError", "relativeError"]) {
      const { modes, remarks } = await remarksOf(additiveGame([1, 2]), { until: { [rule]: 1e9 }, orderings: 1 });
      expect(recordOf(modes)).toMatchObject({ stopped: "orderings", goals: [{ rule, value: Number.NaN, met: false }] });
      expect(remarks.join()).toContain("unknown");
    }
  });

  it("top does not run for ever on equal units: it goes to its budget and says so, or takes what does not matter", async () => {
    const game = majorityGame(9);
    const { modes, remarks } = await remarksOf(game, { until: { top: 3 }, orderings: 500 });
    expect(recordOf(modes)).toMatchObject({ stopped: "orderings", goals: [{ rule: "top", met: false }] });
    expect(remarks.join("\n")).toMatch(/goal 1 after .* orderings; .*may be equal \(indifference/);
    const [{ first, closest }] = recordOf(modes).goals;
    const sizes = modes.meanOverOutputs().values.map(Math.abs);
    const bySize = Array.from(modes.units).sort((a, b) => sizes[Number(b)] - sizes[Number(a)]);
    // By chance two may have been decisive equally often.
    const rest = sizes[Number(bySize[3])] + 1e-12;
    expect(first).toEqual(bySize.slice(0, 3).filter((unit) => sizes[Number(unit)] > rest));
    expect(first?.length).toBeGreaterThan(0);
    expect(closest!.sizes).toEqual(closest!.units.map((unit) => sizes[Number(unit)]));
    expect(remarks.join("\n")).toMatch(
      /; (\d) and (\d) \([\d.]+, [\d.]+\) are not told apart, indifference [\d.e-]+ would do/,
    );
    // With it the same run meets its goal.
    const same = await shapley(game, { until: { top: 3, indifference: closest!.enough }, orderings: 500, ...quiet });
    expect(recordOf(same).stopped).toBe("met");
    const content = await shapley(game, { until: { top: 3, indifference: 0.08 }, ...quiet });
    expect(recordOf(content)).toMatchObject({ stopped: "met", goals: [{ met: true }] });
  });

  it("top and rankStability are not met by contributions that cancel in the mean over the outputs", async () => {
    const game = await gameFrom(6, (intact) => {
      const p = intact.size ** 2 / 36 - (intact.has(0) ? 0.1 : 0);
      return [p, 1 - p];
    });
    const modes = await shapley(game, { until: { top: 1, rankStability: 0.5 }, orderings: 200, ...quiet });
    expect(recordOf(modes).goals).toEqual([
      expect.objectContaining({ rule: "rankStability", value: Number.NaN, met: false }),
      expect.objectContaining({ rule: "top", value: Number.NaN, met: false }),
    ]);
  });

  it("rankStability is low where all units are alike, and met where they differ", async () => {
    const alike = await shapley(majorityGame(11), { until: { rankStability: 0.9 }, orderings: 800, ...quiet });
    expect(recordOf(alike).goals[0].value).toBeLessThan(0.75);
    const apart = await shapley(await products(), { until: { rankStability: 0.97 }, ...quiet });
    expect(recordOf(apart).stopped).toBe("met");
  });

  it("rankStability says how a second run ranks", async () => {
    const game = interactionGame(40, { outputs: 2, seed: 5 });
    const means = async (seed: number) => {
      const modes = await shapley(game, { seed, orderings: 64, until: { rankStability: 0.999 }, ...quiet });
      return { said: recordOf(modes).goals[0].value, scores: modes.meanOverOutputs().values.map(Math.abs) };
    };
    const runs = await Promise.all([1, 2, 3, 4, 5, 6].map(means));
    const { spearman } = await import("../../src/modes/rank-correlation.js");
    const seen = [0, 2, 4].map((at) => spearman(runs[at].scores, runs[at + 1].scores));
    const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    expect(Math.abs(mean(runs.map(({ said }) => said)) - mean(seen))).toBeLessThan(0.05);
  });

  it.each<[Until | string, RegExp]>([
    [
      {},
      /invalid until; expected at least one of standardError, meanStandardError, relativeError, rankStability, top, seconds, evaluations/,
    ],
    ["soon", /invalid options of until; expected an object/],
    [
      { standarderror: 1 } as Until,
      /invalid option of until; expected one of its options, such as the nearest: standardError/,
    ],
    [{ standardError: 0 }, /invalid standardError of until; expected a positive number; received 0/],
    [{ standardError: Number.NaN }, /invalid standardError of until; expected a positive number; received NaN/],
    [{ relativeError: "1" as never }, /invalid relativeError of until; expected a positive number; received "1"/],
    [{ rankStability: 1 }, /invalid rankStability of until; expected a number above 0 and below 1; received 1/],
    [{ top: 4 }, /invalid top of until; expected fewer than the 4 units of the game; received 4/],
    [{ top: 1.5 }, /invalid top of until; expected a positive integer; received 1.5/],
    [{ top: 2, confidence: 95 }, /invalid confidence of until; expected a number above 0.5 and below 1; received 95/],
    [{ standardError: 1, confidence: 0.9 }, /invalid confidence of until; expected none without top/],
    [{ top: 2, indifference: -1 }, /invalid indifference of until; expected a number of 0 or more; received -1/],
    [{ seconds: -1 }, /invalid seconds of until; expected a positive number; received -1/],
    [{ evaluations: 2.5 }, /invalid evaluations of until; expected a positive integer; received 2.5/],
  ])("%j is refused before the game is asked anything", async (until, message) => {
    let asked = 0;
    const game = await gameFrom(4, () => ++asked, { outputShape: [] });
    await expect(shapley(game, { until: until as Until })).rejects.toThrow(message);
    expect(asked).toBe(0);
  });

  it("are refused where they can not be told: seconds of exact, two numbers of evaluations", async () => {
    const game = additiveGame([1, 2, 3]);
    await expect(shapley(game, { estimator: "exact", until: { seconds: 5 } })).rejects.toThrow(
      /seconds of until; expected none for exact/,
    );
    await expect(shapley(game, { evaluations: 50, until: { evaluations: 50 } })).rejects.toThrow(/one number of them/);
  });
});

describe("a goal that is met", () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed);

  it.each(["permutation", "antithetic", "leverage"] as const)(
    "is met against the exact values in the right share of seeds (%s)",
    async (estimator) => {
      const game = await products(10);
      const exact = await shapley(game, { estimator: "exact" });
      const goal = { permutation: 0.4, antithetic: 0.2, leverage: 0.003 }[estimator];
      let within = 0;
      let all = 0;
      for (const seed of seeds) {
        const modes = await shapley(game, {
          estimator,
          seed,
          until: { standardError: goal },
          evaluations: estimator === "leverage" ? 900 : 6000,
          ...quiet,
        });
        if (estimator !== "leverage") expect(recordOf(modes).stopped).toBe("met");
        // The values with the largest errors: those that the rule was about.
        const errors = modes.standardErrors as Float64Array;
        modes.values.forEach((value, i) => {
          if (errors[i] < 0.5 * goal) return;
          all++;
          if (Math.abs(value - exact.values[i]) <= 2 * goal) within++;
        });
      }
      expect(all).toBeGreaterThan(60);
      // Twice a standard error leaves 4.6 % outside where all errors are the goal; optional stopping and few samples
      // add a little.
      expect(within / all).toBeGreaterThan(0.93);
    },
  );

  it.each(["permutation", "antithetic"] as const)(
    "top has the right units with its confidence (%s)",
    async (estimator) => {
      const game = interactionGame(10, { seed: 3 });
      const scores = Array.from(game.shapleyValues, Math.abs);
      const first = new Set([...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 3));
      let right = 0;
      for (const seed of seeds) {
        const modes = await shapley(game, { estimator, seed, until: { top: 3, confidence: 0.9 }, ...quiet });
        expect(recordOf(modes).stopped).toBe("met");
        const found = Array.from(modes.values, Math.abs);
        const top = [...found.keys()].sort((a, b) => found[b] - found[a]).slice(0, 3);
        if (top.every((unit) => first.has(unit))) right++;
      }
      // 0.9 less twice the spread of 60 draws.
      expect(right / seeds.length).toBeGreaterThan(0.82);
    },
  );

  it("top has the right units with its confidence (leverage)", async () => {
    // Units of which the third and the fourth are near each other, and interactions of all orders.
    const weights = Array.from({ length: 12 }, (_, unit) => (unit === 3 ? 0.35 : 0.5 * 0.87 ** unit));
    const game = memoised(
      await gameFrom(12, (intact) => {
        const sum = intact.indices.reduce((total, unit) => total + weights[unit], 0);
        return Math.tanh(sum) + 0.3 * Math.sin(7 * sum);
      }),
    );
    const exact = Array.from((await shapley(game, { estimator: "exact" })).values, Math.abs);
    const firstOf = (scores: number[]) => [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 3);
    const first = new Set(firstOf(exact));
    let right = 0;
    const spent = new Set<unknown>();
    for (const seed of seeds) {
      const modes = await shapley(game, {
        ...{ estimator: "leverage", seed, evaluations: 3000, ...quiet },
        until: { top: 3, confidence: 0.9 },
      });
      expect(recordOf(modes).stopped).toBe("met");
      spent.add(modes.provenance.evaluations);
      if (firstOf(Array.from(modes.values, Math.abs)).every((unit) => first.has(unit))) right++;
    }
    // Not all at one look, as where a game is exact.
    expect(spent.size).toBeGreaterThan(1);
    expect(right / seeds.length).toBeGreaterThan(0.82);
  });
});

describe("progress of a run with until", () => {
  it("has the distance to each goal", async () => {
    const reports: Progress[] = [];
    const slow = await gameFrom(8, async (intact) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return intact.size ** 2;
    });
    await shapley(slow, {
      until: { standardError: 0.7, top: 2 },
      orderings: 40,
      onProgress: (progress) => reports.push(progress),
      ...quiet,
    });
    const last = reports.at(-1) as Progress;
    expect(last.goals.map(({ rule, goal }) => [rule, goal])).toEqual([
      ["standardError", 0.7],
      ["top", 1],
    ]);
    expect(last.goals[0].value).toBe(last.largestStandardError);
    expect(last.evaluations).toBeLessThanOrEqual(last.total);
    expect(runningText({ ...last, done: 10, goals: last.goals }, "evaluations")).toMatch(
      /^10 of at most \d+ evaluations .*, largest standard error [\d.]+, goal 0.7, overlap of the first by size and the rest [\d.]+ \(times too wide; apart from 1 down\), goal 1$/,
    );
  });
});

describe("shapleyToDisk with until", () => {
  const images = () =>
    gameFrom(4, (intact) => Float64Array.from({ length: 12 }, (_, i) => (intact.size * (i + 1)) ** 2 / 100), {
      outputShape: [3, 4],
    });

  it("has the numbers of shapley where all of the output is played at once", async () => {
    const options = { estimator: "permutation" as const, until: { relativeError: 0.05 }, ...quiet };
    const path = `${folder()}.zarr`;
    const stored = await shapleyToDisk(await images(), path, options);
    const modes = await shapley(await images(), options);
    expect(stored.provenance.until).toEqual(modes.provenance.until);
    expect((await stored.slice(1)).values).toEqual(modes.slice(1).values.map(Math.fround));
    const again = await shapleyToDisk(await images(), path, { ...options, until: { relativeError: 0.02 } });
    expect(again.provenance.orderings).toBeGreaterThan(modes.provenance.orderings as number);
  });

  it("refuses parts, which would stop at different places", async () => {
    await expect(
      shapleyToDisk(await images(), `${folder()}.zarr`, { until: { relativeError: 0.05 }, memory: 1000 }),
    ).rejects.toThrow(/invalid memory; expected at least \d+ bytes with until, for all of the output at once/);
  });
});
