import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Coalitions } from "../../src/coalitions/coalition.js";
import { streamVersion } from "../../src/coalitions/random-streams.js";
import { differing } from "../../src/engine/runs/differing.js";
import { InterruptedError, lastPartial } from "../../src/engine/runs/interruption.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { FileError } from "../../src/errors.js";
import { sha256 } from "../../src/files.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import type { Game } from "../../src/games/game.js";
import { canonicalJson } from "../../src/json.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { packageRoot } from "../../src/package.js";
import { fc } from "../helpers/properties.js";

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
  it("refuses a function that was edited, also where v of the coalitions that are looked at is the same", async () => {
    const resume = folder();
    const edited = (bonus: number) =>
      bonus === 0
        ? gameFrom(4, (intact) => intact.size ** 2)
        : gameFrom(4, (intact) => intact.size ** 2 + (intact.size === 1 ? bonus : 0));
    await shapley(await edited(0), { orderings: 20, resume });
    await expect(shapley(await edited(50), { orderings: 40, resume })).rejects.toThrow(/code/);
    expect((await shapley(await edited(0), { orderings: 40, resume, onRemark: () => {} })).complete).toBe(true);
  });

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
    await expect(shapley(plain(), { orderings: 8, seed: 8, resume })).rejects.toThrow(
      /at least the 48 that .* already holds; received 8$/,
    );
  });

  it("works with workers, and a run can go on with more or fewer of them", async () => {
    const spec = { module: "shapley-modes/games", export: "interactionGame", arguments: [9, { outputs: 3 }] } as const;
    // Of a run that is over before it can be interrupted nothing is learnt: then a longer one.
    const interrupted = async (orderings: number) => {
      const resume = folder();
      let reports = 0;
      const abort = new AbortController();
      const ended: unknown = await shapley(await gameFromSpec(spec), {
        ...{ orderings, seed: 2, ...often, resume, workers: 2, signal: abort.signal },
        onRemark: () => {},
        onProgress: () => {
          if (++reports === 2) abort.abort();
        },
      }).catch((thrown) => thrown);
      return ended instanceof InterruptedError ? resume : undefined;
    };
    let orderings = 400;
    let resume = await interrupted(orderings);
    while (!resume && orderings < 100_000) resume = await interrupted((orderings *= 4));
    if (!resume) expect.fail("no run could be interrupted");
    const options = { orderings, seed: 2 };
    const expected = bytes(await shapley(await gameFromSpec(spec), options));
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

  it("says what differs in two games, and not what follows from it", () => {
    const there = { game: { lesion: "silence", network: "a" }, values: ["a"], walks: true };
    const here = { game: { lesion: "reroute", network: "a" }, values: ["b"], walks: false };
    expect(differing(there, here)).toEqual([
      'lesion: "silence" there, "reroute" here',
      "walks: units come back one by one there and by coalitions here (by coalitions where weights stay on the disk)",
    ]);
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
    ["cut in its first line", (path) => truncateSync(path, 40)],
    ["changed in one bit", (path) => flipLastBit(path)],
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

  it.each<[string, string, (path: string) => void, string]>([
    ["a file", "checkpoint-500.bin", (path) => writeFileSync(path, "precious\n"), "is no checkpoint of shapley-modes"],
    ["an empty file", "checkpoint-000000001.bin", (path) => writeFileSync(path, ""), "is no checkpoint"],
    ["a folder", "checkpoint-500.bin", (path) => mkdirSync(path), "is no checkpoint of shapley-modes"],
    ["a link", "checkpoint-500.bin", (path) => symlinkSync("nowhere", path), "is no checkpoint of shapley-modes"],
    [
      "a checkpoint of another version",
      "checkpoint-000000003.bin",
      (path) => writeFileSync(path, "shapley-modes-checkpoint/1 0123\n{}\n"),
      "is a checkpoint of another version of shapley-modes (shapley-modes-checkpoint/1; shapley-modes-checkpoint/2 was expected)",
    ],
    ["a file in place of the lock", "checkpoint.lock", (path) => writeFileSync(path, "precious\n"), "is in the way"],
    ["a folder in place of the lock", "checkpoint.lock", (path) => mkdirSync(path), "is in the way"],
  ])("leaves %s of others alone, names it and plays nothing", async (_, name, make, message) => {
    const resume = folder();
    await shapley(plain(), { orderings: 8, resume });
    const path = join(resume, name);
    const mine = checkpointsIn(resume).map((each) => readFileSync(join(resume, each)));
    make(path);
    const before = readdirSync(resume);
    const counted = counting(plain());
    const error = await shapley(counted.game, { orderings: 16, resume, ...quiet }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain(`${path}: ${message}`);
    expect(counted.asked()).toBe(0);
    expect(readdirSync(resume)).toEqual(before);
    rmSync(path, { recursive: true });
    expect(checkpointsIn(resume).map((each) => readFileSync(join(resume, each)))).toEqual(mine);
  });

  it("leaves alone what others put there while it runs, and files that only look like its own", async () => {
    const resume = folder();
    const strange = join(resume, "checkpoint-000000999.bin");
    const part = ".checkpoint-000000001.bin.notes.part";
    let asked = 0;
    const game: Game = {
      ...plain(),
      evaluate(coalitions) {
        if (++asked === 20) writeFileSync(strange, "precious");
        return plain().evaluate(coalitions);
      },
    };
    mkdirSync(resume, { recursive: true });
    writeFileSync(join(resume, part), "precious");
    writeFileSync(join(resume, "notes.txt"), "precious");
    await expect(shapley(game, { orderings: 60, resume, ...often })).rejects.toThrow(`${strange}: is no checkpoint`);
    for (const name of [strange, join(resume, part), join(resume, "notes.txt")]) {
      expect(readFileSync(name, "utf8")).toBe("precious");
    }
  });

  it("is for one run at a time: a second one is refused, and nothing blocks when the first has ended", async () => {
    const resume = folder();
    const { release, game } = waiting(plain());
    const first = shapley(game, { orderings: 8, resume });
    while (!existsSync(join(resume, "checkpoint.lock"))) await sleep(1);
    const counted = counting(plain());
    await expect(shapley(counted.game, { orderings: 8, resume })).rejects.toThrow(
      `${resume}: is being written already, by process ${process.pid} (its lock is ${join(resume, "checkpoint.lock")}; remove`,
    );
    expect(counted.asked()).toBe(0);
    release();
    const modes = await first;
    expect(readdirSync(resume).filter((name) => name.includes("lock"))).toEqual([]);
    expect(bytes(await shapley(plain(), { orderings: 8, resume, ...quiet }))).toBe(bytes(modes));
  });

  it("lets a run in after one that failed, was stopped, or was stopped and never ended", async () => {
    const resume = folder();
    const failing: Game = { ...plain(), evaluate: () => Promise.reject(new Error("gone")) };
    await expect(shapley(failing, { orderings: 60, resume })).rejects.toThrow("gone");
    const abort = new AbortController();
    const { game } = waiting(plain());
    const never = shapley(game, { orderings: 60, resume, signal: abort.signal });
    while (!existsSync(join(resume, "checkpoint.lock"))) await sleep(1);
    abort.abort();
    await expect(never).rejects.toThrow(InterruptedError);
    expect(bytes(await shapley(plain(), { orderings: 60, resume, ...quiet }))).toBe(
      bytes(await shapley(plain(), { orderings: 60 })),
    );
  });

  it("does not go on from a folder whose orderings were drawn from other streams", async () => {
    const resume = folder();
    await shapley(plain(), { orderings: 8, resume });
    const [name] = checkpointsIn(resume);
    const path = join(resume, name);
    const content = readFileSync(path);
    const lines = content.toString("latin1").split("\n");
    const { identity, ...header } = JSON.parse(lines[1]);
    const { streams, ...older } = identity;
    expect(streams).toBe(streamVersion);
    const second = Buffer.from(`${canonicalJson({ ...header, identity: older }, 0)}\n`);
    const sums = content.subarray(lines[0].length + lines[1].length + 2);
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`shapley-modes-checkpoint/2 ${sha256(second, sums)}\n`), second, sums]),
    );
    await expect(shapley(plain(), { orderings: 8, resume })).rejects.toThrow(
      /the folder of a run with the same game and options \(streams: undefined there, "xoroshiro128\+/,
    );
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
      const closed = once(child, "close");
      while (newestIn(resume) <= before && child.exitCode === null) await new Promise((done) => setTimeout(done, 5));
      child.kill("SIGKILL");
      expect(await closed).toEqual([null, "SIGKILL"]);
    }
    const child = startRun(resume, 1);
    let out = "";
    child.stdout?.on("data", (text) => {
      out += text;
    });
    await once(child, "close");
    const game = await slowGame();
    expect(out).toBe(bytes(await shapley(game, { orderings: 60, seed: 7 })));
    expect(readdirSync(resume).filter((name) => !/^checkpoint-\d+\.bin$/.test(name))).toEqual([]);
  });
});

/** The same game, which answers when it is let go. */
function waiting(given: Game): { game: Game; release(): void } {
  const { promise, resolve } = deferred();
  return {
    release: resolve,
    game: { ...given, evaluate: (coalitions) => promise.then(() => given.evaluate(coalitions)) },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const slowGame = () =>
  gameFromSpec({ module: join(packageRoot, "test/engine/worker-games.mjs"), export: "slow", arguments: [6, 10] });

function startRun(resume: string, workers: number): ChildProcess {
  const built = (entry: string) => JSON.stringify(pathToFileURL(join(packageRoot, "dist", entry)).href);
  const games = JSON.stringify(join(packageRoot, "test/engine/worker-games.mjs"));
  const script = `
    const { gameFromSpec, shapley } = await import(${built("index.js")});
    const { toNpz } = await import(${built("formats.js")});
    const given = await gameFromSpec({ module: ${games}, export: "slow", arguments: [6, 10] });
    const game = { ...given, evaluate: async (c) => { await new Promise((r) => setTimeout(r, 25)); return given.evaluate(c); } };
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
