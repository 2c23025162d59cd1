import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Coalitions } from "../../src/coalitions/coalition.js";
import { InterruptedError, lastPartial } from "../../src/engine/interruption.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import type { Game } from "../../src/games/game.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { packageRoot } from "../../src/package.js";

const bytes = (modes: ShapleyModes) => Buffer.from(toNpz(modes)).toString("base64");
const folder = () => join(mkdtempSync(join(tmpdir(), "resume-")), "run");
const checkpointsIn = (path: string) => readdirSync(path).filter((name) => /^checkpoint-\d+\.bin$/.test(name));
const quiet = { onRemark: () => {} };
const often = { checkpointSeconds: 0, ...quiet };

/** The same game, stopped when it has been asked about so many coalitions. */
function stopping(game: Game, after: number): { game: Game; signal: AbortSignal } {
  const abort = new AbortController();
  let asked = 0;
  const { walk: _, ...rest } = game;
  return {
    signal: abort.signal,
    game: {
      ...rest,
      evaluate(coalitions: Coalitions) {
        asked += coalitions.count;
        if (asked > after) abort.abort(new Error("enough"));
        return game.evaluate(coalitions);
      },
    },
  };
}

async function stoppedAfter(after: number, given: Game, options: ShapleyOptions): Promise<InterruptedError> {
  const { game, signal } = stopping(given, after);
  const error = await shapley(game, { ...options, signal }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(InterruptedError);
  return error;
}

const plain = (): Game => {
  const { walk: _, ...game } = interactionGame(6, { outputs: 2 }) as Game;
  return game;
};

describe("an interrupted run", () => {
  it("has the modes of the orderings that were played, as a run of so many gives them", async () => {
    const error = await stoppedAfter(130, plain(), { orderings: 100, seed: 3 });
    const { partial, cause } = error;
    expect(cause).toEqual(new Error("enough"));
    expect(partial?.complete).toBe(false);
    const { orderings, orderings_planned, evaluations, ...provenance } = partial?.provenance ?? {};
    expect(orderings_planned).toBe(100);
    expect(orderings).toBe(24);
    const whole = await shapley(plain(), { orderings: 24, seed: 3 });
    expect(partial?.values).toEqual(whole.values);
    expect(partial?.standardErrors).toEqual(whole.standardErrors);
    expect(whole.provenance).toEqual({ ...provenance, orderings: 24, evaluations });
    expect(whole.complete).toBe(true);
    expect(error.message).toBe(
      'interrupted after 24 of 100 orderings; lastPartial() has the modes so far; with { resume: "folder" } a run can go on where it was stopped',
    );
  });

  it("is what lastPartial has, until a run comes to its end", async () => {
    const { partial } = await stoppedAfter(60, plain(), { orderings: 100 });
    expect(lastPartial()?.values).toEqual(partial?.values);
    await shapley(plain(), { orderings: 4 });
    expect(lastPartial()).toBeUndefined();
  });

  it("has no modes before the first chunk, and none where only the whole means something", async () => {
    const early = await stoppedAfter(5, plain(), { orderings: 100 });
    expect(early.partial).toBeUndefined();
    expect(early.message).toContain("interrupted after 0 of 100 orderings; nothing of it can be used yet");
    const exact = await stoppedAfter(5000, interactionGame(14), { estimator: "exact" });
    expect(exact.partial).toBeUndefined();
    expect(exact.message).toContain("interrupted after 25 % of the coalitions");
  });
});

describe("resume", () => {
  it.each<[string, ShapleyOptions]>([
    ["permutation", { orderings: 61, seed: 0 }],
    ["antithetic", { estimator: "antithetic", orderings: 62, seed: 4 }],
  ])("gives the bytes of an undisturbed run wherever it was stopped (%s)", async (_, options) => {
    const expected = bytes(await shapley(plain(), options));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 3, max: 200 }), { minLength: 1, maxLength: 3 }), async (stops) => {
        const resume = folder();
        for (const after of stops) {
          const { game, signal } = stopping(plain(), after);
          await shapley(game, { ...options, ...often, resume, signal }).catch((error) => {
            if (!(error instanceof InterruptedError)) throw error;
          });
        }
        expect(bytes(await shapley(plain(), { ...options, ...quiet, resume }))).toBe(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("gives them for the exact estimator", async () => {
    const game = () => interactionGame(14);
    const expected = bytes(await shapley(game(), { estimator: "exact" }));
    const resume = folder();
    await stoppedAfter(9000, game(), { estimator: "exact", resume, ...quiet });
    expect(checkpointsIn(resume)).not.toEqual([]);
    expect(bytes(await shapley(plainWalk(game()), { estimator: "exact", resume, ...quiet }))).toBe(expected);
  });

  it("plays nothing twice: not what was saved, and nothing at all of a run that is done", async () => {
    const resume = folder();
    await stoppedAfter(400, plain(), { orderings: 100, resume, ...quiet });
    const counted = counting(plain());
    const remarks: string[] = [];
    const reports: number[] = [];
    const modes = await shapley(counted.game, {
      orderings: 100,
      resume,
      onRemark: (remark) => remarks.push(remark),
      onProgress: ({ evaluations }) => reports.push(evaluations),
    });
    // 76 orderings of 5 coalitions were whole chunks; two ends and one coalition more tell the game from others.
    expect(remarks).toEqual([`going on from ${resume}: 76 of 100 orderings are there`]);
    expect(counted.asked()).toBe(3 + 24 * 5);
    expect(modes.provenance.evaluations).toBe(2 + 500);
    expect(reports.at(-1)).toBe(502);
    const again = counting(plain());
    expect(bytes(await shapley(again.game, { orderings: 100, resume, ...quiet }))).toBe(bytes(modes));
    expect(again.asked()).toBe(3);
  });

  it("adds orderings to a run that is done", async () => {
    const resume = folder();
    await shapley(plain(), { orderings: 30, seed: 8, resume });
    const more = await shapley(plain(), { orderings: 50, seed: 8, resume, ...quiet });
    expect(bytes(more)).toBe(bytes(await shapley(plain(), { orderings: 50, seed: 8 })));
    await expect(shapley(plain(), { orderings: 8, seed: 8, resume })).rejects.toThrow(/already holds; received 8$/);
  });

  it("works with workers, and a run can go on with more or fewer of them", async () => {
    const spec = { module: "shapley-modes", export: "interactionGame", arguments: [9, { outputs: 3 }] } as const;
    const options = { orderings: 400, seed: 2 };
    const expected = bytes(await shapley(await gameFromSpec(spec), options));
    const resume = folder();
    let reports = 0;
    const abort = new AbortController();
    const error = await shapley(await gameFromSpec(spec), {
      ...options,
      ...often,
      resume,
      workers: 2,
      signal: abort.signal,
      onRemark: () => {},
      onProgress: () => {
        if (++reports === 2) abort.abort();
      },
    }).catch((thrown) => thrown);
    if (!(error instanceof InterruptedError)) expect(bytes(error)).toBe(expected);
    expect(bytes(await shapley(await gameFromSpec(spec), { ...options, ...quiet, resume, workers: 3 }))).toBe(expected);
  });

  it("refuses the folder of another run and says what differs, and leaves it as it was", async () => {
    const resume = folder();
    await shapley(plain(), { orderings: 8, seed: 1, resume });
    const before = checkpointsIn(resume).map((name) => readFileSync(join(resume, name)));
    const refused: [Game, ShapleyOptions, string][] = [
      [plain(), { seed: 2 }, "seed: 1 there, 2 here"],
      [plain(), { estimator: "antithetic" }, 'estimator: "permutation" there, "antithetic" here'],
      [interactionGame(7, { outputs: 2 }), {}, "another units there"],
      [{ ...plain(), provenance: { network: "other" } }, {}, "another game there"],
      [
        {
          ...plain(),
          // Differs in the middle alone: nobody and everybody have the values they had.
          async evaluate(asked) {
            const values = (await plain().evaluate(asked)).slice();
            for (let c = 0; c < asked.count; c++) {
              if (asked.words[c] !== 0 && asked.words[c] !== 2 ** 6 - 1) values[2 * c] += 1;
            }
            return values;
          },
        },
        {},
        "another values there",
      ],
    ];
    for (const [game, options, words] of refused) {
      const error = await shapley(game, { orderings: 8, resume, ...options }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toContain(`invalid resume; expected the folder of a run with the same game and options (`);
      expect(error.message).toContain(words);
    }
    expect(checkpointsIn(resume).map((name) => readFileSync(join(resume, name)))).toEqual(before);
  });

  it("refuses what is no folder before the game is asked anything", async () => {
    const counted = counting(plain());
    const file = join(mkdtempSync(join(tmpdir(), "resume-")), "file");
    writeFileSync(file, "");
    await expect(shapley(counted.game, { resume: "" })).rejects.toThrow(
      "invalid resume; expected the name of a folder",
    );
    await expect(shapley(counted.game, { resume: 3 as never })).rejects.toThrow(TypeError);
    await expect(shapley(counted.game, { resume: file })).rejects.toThrow("can not be written");
    await expect(shapley(counted.game, { checkpointSeconds: -1 })).rejects.toThrow("invalid checkpointSeconds");
    expect(counted.asked()).toBe(0);
  });

  it.each<[string, (path: string) => void]>([
    ["cut short", (path) => truncateSync(path, 300)],
    ["empty", (path) => truncateSync(path, 0)],
    ["changed in one bit", (path) => flipLastBit(path)],
    ["not ours", (path) => writeFileSync(path, "something else\n")],
  ])("reports a checkpoint that is %s, and goes on from the one before", async (_, damage) => {
    const options = { orderings: 60, seed: 5 };
    const expected = bytes(await shapley(plain(), options));
    const resume = folder();
    await stoppedAfter(200, plain(), { ...options, ...often, resume });
    const [older, newest, ...others] = checkpointsIn(resume).sort();
    expect(others).toEqual([]);
    damage(join(resume, newest));
    const remarks: string[] = [];
    const modes = await shapley(plain(), { ...options, resume, onRemark: (remark) => remarks.push(remark) });
    expect(bytes(modes)).toBe(expected);
    expect(remarks).toEqual([
      expect.stringContaining(`${join(resume, newest)} is damaged (`),
      `going on from ${resume}: ${4 * Number(/\d+/.exec(older))} of 60 orderings are there`,
    ]);
  });

  it("begins anew where no checkpoint is whole", async () => {
    const options = { orderings: 60, seed: 5 };
    const resume = folder();
    await stoppedAfter(200, plain(), { ...options, ...often, resume });
    for (const name of checkpointsIn(resume)) truncateSync(join(resume, name), 80);
    const remarks: string[] = [];
    const modes = await shapley(plain(), { ...options, resume, onRemark: (remark) => remarks.push(remark) });
    expect(remarks).toHaveLength(2);
    expect(bytes(modes)).toBe(bytes(await shapley(plain(), options)));
  });

  it("saves what is done when the game fails", async () => {
    const resume = folder();
    let asked = 0;
    const failing: Game = {
      ...plain(),
      evaluate: (coalitions) =>
        (asked += coalitions.count) > 150 ? Promise.reject(new Error("gone")) : plain().evaluate(coalitions),
    };
    await expect(shapley(failing, { orderings: 60, resume })).rejects.toThrow("the game threw");
    expect(checkpointsIn(resume)).toHaveLength(1);
    expect(bytes(await shapley(plain(), { orderings: 60, resume, ...quiet }))).toBe(
      bytes(await shapley(plain(), { orderings: 60 })),
    );
  });

  it("survives kill -9: again and again, with and without workers", async () => {
    const resume = folder();
    for (const workers of [1, 2, 1]) {
      const child = startRun(resume, workers);
      const before = newestIn(resume);
      while (newestIn(resume) <= before) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill("SIGKILL");
      await once(child, "close");
    }
    const child = startRun(resume, 1);
    let out = "";
    child.stdout?.on("data", (text) => {
      out += text;
    });
    await once(child, "close");
    const game = await slowGame();
    expect(out).toBe(bytes(await shapley(game, { orderings: 60, seed: 7 })));
    expect(readdirSync(resume).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

const slowGame = () =>
  gameFromSpec({ module: join(packageRoot, "test/engine/worker-games.mjs"), export: "slow", arguments: [6, 2] });

function startRun(resume: string, workers: number): ChildProcess {
  const library = JSON.stringify(pathToFileURL(join(packageRoot, "dist/index.js")).href);
  const games = JSON.stringify(join(packageRoot, "test/engine/worker-games.mjs"));
  const script = `
    const { gameFromSpec, gameFrom, shapley, toNpz } = await import(${library});
    const given = await gameFromSpec({ module: ${games}, export: "slow", arguments: [6, 2] });
    const game = { ...given, evaluate: async (c) => { await new Promise((r) => setTimeout(r, 5)); return given.evaluate(c); } };
    const options = { orderings: 60, seed: 7, resume: ${JSON.stringify(resume)}, checkpointSeconds: 0, workers: ${workers} };
    process.stdout.write(Buffer.from(toNpz(await shapley(game, { ...options, onRemark() {} }))).toString("base64"));`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
}

function newestIn(path: string): number {
  try {
    return Math.max(0, ...checkpointsIn(path).map((name) => Number(/\d+/.exec(name))));
  } catch {
    return 0;
  }
}

function counting(given: Game): { game: Game; asked(): number } {
  let asked = 0;
  return {
    asked: () => asked,
    game: {
      ...given,
      evaluate(coalitions) {
        asked += coalitions.count;
        return given.evaluate(coalitions);
      },
    },
  };
}

function plainWalk(given: Game): Game {
  const { walk: _, ...game } = given;
  return game;
}

function flipLastBit(path: string): void {
  const content = readFileSync(path);
  content[content.length - 1] ^= 1;
  writeFileSync(path, content);
}
