import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";

/** A game that answers so many times, and then never again. */
function silentAfter(answers: number, walks: boolean): Game & { asked(): number } {
  let asked = 0;
  const answered = () => ++asked <= answers;
  return {
    asked: () => asked,
    units: ["a", "b", "c"],
    outputShape: [2],
    evaluate: ({ count }) => (answered() ? Promise.resolve(new Float64Array(2 * count)) : new Promise(() => {})),
    ...(walks ? { walk: () => new Promise<void>(() => {}) } : {}),
  };
}

describe("an aborted signal", () => {
  it.each<[string, number, boolean, ShapleyOptions]>([
    ["for nobody", 0, false, {}],
    ["for everybody", 1, false, {}],
    ["in an ordering", 2, false, {}],
    ["in a walk", 2, true, {}],
    ["in an exact game", 2, false, { estimator: "exact" }],
    ["in an antithetic pair", 3, false, { estimator: "antithetic" }],
  ])("ends a run within a moment whose game never answers %s", async (_, answers, walks, options) => {
    const abort = new AbortController();
    const game = silentAfter(answers, walks);
    const run = shapley(game, { ...options, signal: abort.signal }).catch((error) => error);
    while (game.asked() < answers) await sleep(1);
    await sleep(10);
    abort.abort(new Error("enough"));
    let ended = false;
    void run.finally(() => {
      ended = true;
    });
    for (let turn = 0; turn < 100 && !ended; turn++) await sleep(0); // a moment by the event loop, not by the clock
    expect(ended).toBe(true);
    const error = await run;
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.cause).toEqual(new Error("enough"));
  });

  it("costs no evaluation where it is aborted already, and leaves nothing behind", async () => {
    const game = silentAfter(100, false);
    const folder = mkdtempSync(join(tmpdir(), "abort-"));
    const signal = AbortSignal.abort(new Error("before"));
    const options = { orderings: 1000, signal, onRemark: () => {} };
    await expect(shapley(game, options)).rejects.toThrow(/^interrupted after 0 of 1000 orderings; nothing of it/);
    await expect(shapley(game, { ...options, resume: join(folder, "run") })).rejects.toThrow(InterruptedError);
    await expect(shapleyToDisk(game, join(folder, "store"), options)).rejects.toThrow(InterruptedError);
    expect(game.asked()).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not leave listeners behind, however many evaluations there were", async () => {
    const { signal } = new AbortController();
    let added = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        added++;
        add(...args);
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        added--;
        remove(...args);
      },
    });
    const game = await gameFrom(5, (intact) => intact.size);
    await shapley(game, { orderings: 50, signal });
    expect(added).toBe(0);
  });
});

describe("options of another kind", () => {
  it.each<[unknown, string]>([
    [null, "expected an object; received null"],
    [5, "expected an object; received 5"],
    [{ signal: 5 }, "invalid signal; expected an AbortSignal; received 5"],
    [{ signal: new AbortController() }, "invalid signal; expected an AbortSignal; received AbortController"],
    [{ onProgress: "yes" }, 'invalid onProgress; expected a function; received "yes"'],
    [{ onRemark: {} }, "invalid onRemark; expected a function; received Object"],
    [{ progress: "line" }, 'invalid progress; expected true, false or an object; received "line"'],
    [{ progress: null }, "invalid progress; expected true, false or an object; received null"],
    [{ orderings: "8" }, 'invalid orderings; expected a positive integer; received "8"'],
    [{ workers: null, orderings: 1n }, "invalid orderings; expected a positive integer; received 1"],
  ])("are one clear error, before the game is asked anything: %o", async (options, message) => {
    const game = silentAfter(100, false);
    const path = join(mkdtempSync(join(tmpdir(), "options-")), "store");
    for (const run of [() => shapley(game, options as never), () => shapleyToDisk(game, path, options as never)]) {
      await expect(run()).rejects.toThrow(TypeError);
      await expect(run()).rejects.toThrow(message);
    }
    expect(game.asked()).toBe(0);
  });
});
