import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { planToDisk, type ShapleyToDiskOptions } from "../../src/engine/disk-plan.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { type EstimatorName, estimators } from "../../src/estimators/registry.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { openModes } from "../../src/modes/stored-modes.js";
import { packageRoot } from "../../src/package.js";

const folder = mkdtempSync(join(tmpdir(), "to-disk-"));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;
const newPath = () => join(folder, `${++stores}`, "modes.zarr");
const quiet = { onRemark: () => {} };

/** Six units; values of shape [5, 2, 3] in which all of them meet. */
const shape = [5, 2, 3];
const manyOutputs = (): Promise<Game> =>
  gameFrom(
    6,
    (intact) =>
      Float64Array.from({ length: 30 }, (_, o) => {
        let sum = 0;
        for (const unit of intact.names) sum += Math.sin(1 + o + 7 * Number(unit));
        return sum ** 2 / (1 + o);
      }),
    { outputShape: shape },
  );
/** Bytes that the sums of one of the five rows take. */
const oneRow = (estimator: EstimatorName, workers = 1) => {
  const request = { units: 6, outputs: 6, wholeOutputs: 30, orderings: 12, seed: 3 };
  const { sums, chunk, beside } = estimators[estimator].held(request);
  return 8 * 6 * 6 * (sums + workers * (chunk + beside) + (workers > 1 ? workers * chunk : 0));
};

describe("shapleyToDisk", () => {
  it.each(Object.keys(estimators) as EstimatorName[])(
    "stores what shapley gives, as float32, whatever memory it may take (%s)",
    async (estimator) => {
      const game = await manyOutputs();
      const options = { estimator, ...(estimator !== "exact" && { orderings: 12 }), seed: 3, ...quiet };
      const whole = await shapley(game, options);
      for (const rows of [1, 2, 5]) {
        const stored = await shapleyToDisk(game, newPath(), { ...options, memory: rows * oneRow(estimator) });
        expect(stored.units).toEqual(game.units);
        expect(stored.outputShape).toEqual(shape);
        expect(stored.provenance).toEqual(whole.provenance);
        for (let row = 0; row < 5; row++) {
          const slice = await stored.slice(row);
          const expected = whole.slice(row);
          expect(slice.values).toEqual(expected.values.map(Math.fround));
          expect(slice.standardErrors).toEqual(expected.standardErrors?.map(Math.fround));
          expect(slice.vAll).toEqual(expected.vAll);
          expect(slice.vNone).toEqual(expected.vNone);
        }
        const part = await stored.part(1, 4);
        expect(part.outputShape).toEqual([3, 2, 3]);
        expect(part.slice(2).values).toEqual((await stored.slice(3)).values);
        expect((await stored.part()).values).toEqual(whole.values.map(Math.fround));
        const unit = await stored.unit("4");
        expect(unit.values).toEqual(whole.unit("4").values.map(Math.fround));
        expect(await stored.efficiencyGap()).toBeLessThan(6 * 2 ** -24 * Math.max(...(whole.vAll as Float64Array)));
      }
    },
  );

  it("goes on where it was stopped, and ends with the same bytes", async () => {
    const game = await manyOutputs();
    const options = { orderings: 40, seed: 5, memory: oneRow("permutation"), checkpointSeconds: 0, ...quiet };
    const undisturbed = newPath();
    await shapleyToDisk(game, undisturbed, options);
    for (const after of [20, 90, 250, 700, 900]) {
      const path = newPath();
      const { game: stopping, signal } = stoppedAfter(game, after);
      const error = await shapleyToDisk(stopping, path, { ...options, signal }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(InterruptedError);
      expect(existsSync(path)).toBe(false);
      await shapleyToDisk(game, path, { ...options, memory: 3 * oneRow("permutation") });
      expect(contentOf(path)).toEqual(contentOf(undisturbed));
      expect(existsSync(`${path}.part`)).toBe(false);
    }
  });

  it("survives kill -9 again and again", async () => {
    const script = join(folder, "killed.mjs");
    const dist = pathToFileURL(join(packageRoot, "dist", "index.js")).href;
    writeFileSync(
      script,
      `import { gameFrom, shapleyToDisk } from ${JSON.stringify(dist)};
      const game = await gameFrom(5, (intact) => [...Array(8).keys()].map((o) => [intact.size ** 2 + o]), { outputShape: [8, 1] });
      await shapleyToDisk(game, process.argv[2], { orderings: Number(process.argv[3]), seed: 1, memory: ${8 * 5 * 4}, checkpointSeconds: 0.01, onRemark() {} });`,
    );
    const run = (out: string, orderings: number) =>
      spawn(process.execPath, [script, out, String(orderings)], { stdio: "inherit" });
    /** Kills a run three times, each once it has come further; undefined where it was faster than that is seen. */
    const killed = async (orderings: number) => {
      const path = newPath();
      const part = `${path}.part`;
      for (const wait of [0, 40, 80]) {
        const before = checkpointsBelow(part);
        const child = run(path, orderings);
        const closed = once(child, "close");
        while (["", before].includes(checkpointsBelow(part)) && child.exitCode === null) await sleep(1);
        await sleep(wait);
        child.kill("SIGKILL");
        const [, signal] = await closed;
        if (signal !== "SIGKILL") return undefined;
        expect(existsSync(path)).toBe(false);
        expect(existsSync(`${part}/written.json`)).toBe(true);
      }
      return path;
    };
    let orderings = 15_000;
    let path = await killed(orderings);
    while (!path && orderings < 1e6) path = await killed((orderings *= 2));
    if (!path) expect.fail("no run could be killed");
    await ended(run(path, orderings));
    const undisturbed = newPath();
    await ended(run(undisturbed, orderings));
    expect(contentOf(path)).toEqual(contentOf(undisturbed));
  });

  it("says which estimator it took where none was asked for, what it leaves out, and what errors do not know of any part", async () => {
    // The second number of the first row is the same in all orderings, those of the second row are not.
    const game = await gameFrom(
      8,
      (i) =>
        [
          [i.size ** 3, i.has(1) ? 1 : 0],
          [i.size ** 3, i.size ** 2],
        ].flat(),
      {
        outputShape: [2, 2],
      },
    );
    const quiet = { onRemark() {} };
    const row = { memory: 2 * oneRow("antithetic") };
    const chosen = await shapleyToDisk(game, newPath(), { ...quiet, ...row, evaluations: 60 });
    expect(chosen.provenance.estimator_chosen_because).toContain("leverage, which takes fewer evaluations");
    expect(chosen.provenance).toMatchObject({ estimator: "antithetic", same_in_all: expect.stringContaining("pairs") });
    const asked = await shapleyToDisk(game, newPath(), { ...quiet, estimator: "leverage", evaluations: 200 });
    expect(asked.provenance.estimator_chosen_because).toBeUndefined();
    expect(asked.provenance.terms_left_out).toMatchObject({
      triples: "the outputs are a part of others, and all parts have the same terms",
    });
  });

  it("tells what it will need before it starts, and how far it is while it runs", async () => {
    const game = await manyOutputs();
    const options = { orderings: 10, memory: 2.5 * oneRow("permutation") };
    expect(planToDisk(game, options)).toEqual({
      rows: 2,
      parts: 3,
      memory: 2 * oneRow("permutation"),
      disk: 2 * 4 * 30 * 6 + 2 * 8 * 30 + 3 * 2 * 8 * 6 * 12,
      evaluations: 10 * 5 + 2,
    });
    const remarks: string[] = [];
    const reports: number[] = [];
    await shapleyToDisk(game, newPath(), {
      ...options,
      onRemark: (text) => remarks.push(text),
      onProgress: ({ evaluations, total, done }) => {
        expect(total).toBe(3 * 52);
        reports.push(evaluations);
        expect(done).toBe(evaluations === total);
      },
    });
    expect(remarks).toEqual([
      "all samples are played 3 times, for up to 2 of the output's 5 rows at a time: about 1 MB of memory beside the network, 1 MB on disk",
    ]);
    expect(reports.at(-1)).toBe(156);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
  });

  it("replaces a store that is there only when the new one is whole, and nothing else", async () => {
    const game = await manyOutputs();
    const path = newPath();
    await shapleyToDisk(game, path, { orderings: 2, ...quiet });
    const before = contentOf(path);
    const remarks: string[] = [];
    await shapleyToDisk(game, path, { orderings: 2, memory: 1e9, onRemark: (text) => remarks.push(text) });
    expect(remarks).toEqual([`${path} is there already, of the same game and options`]);
    expect(contentOf(path)).toEqual(before);
    const failing: Game = { ...game, evaluate: () => Promise.reject(new Error("broken")) };
    await expect(shapleyToDisk(failing, path, { orderings: 3, ...quiet })).rejects.toThrow("broken");
    expect(contentOf(path)).toEqual(before);
    await shapleyToDisk(game, path, { orderings: 3, ...quiet });
    expect((await openModes(path)).provenance.orderings).toBe(3);
    const other = join(folder, "notes");
    writeFileSync(other, "text");
    await expect(shapleyToDisk(game, other, quiet)).rejects.toThrow("is there, so it is not replaced");
  });

  it("leaves alone what is not its own: another Zarr of this name, and a folder whose name ends in .old", async () => {
    const game = await manyOutputs();
    const path = newPath();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "zarr.json"), JSON.stringify({ zarr_format: 3, node_type: "group", attributes: {} }));
    await expect(shapleyToDisk(game, path, { orderings: 2, ...quiet })).rejects.toThrow(
      /is there, so it is not replaced \(.*is no store of modes/,
    );
    expect(readdirSync(path)).toEqual(["zarr.json"]);
    const other = newPath();
    await shapleyToDisk(game, other, { orderings: 2, ...quiet });
    const backup = contentOf(other);
    cpSync(other, `${other}.old`, { recursive: true });
    await shapleyToDisk(game, other, { orderings: 3, ...quiet });
    expect(contentOf(`${other}.old`)).toEqual(backup);
  });

  it("plays anew a closure that is the same for nobody and everybody, but not between", async () => {
    const path = newPath();
    const gameOf = (between: number) =>
      gameFrom(4, (intact) => [[intact.size % 4 === 0 ? intact.size : between], [intact.size]], {
        outputShape: [2, 1],
      });
    await shapleyToDisk(await gameOf(2), path, { orderings: 4, ...quiet });
    const stored = await shapleyToDisk(await gameOf(3), path, { orderings: 4, ...quiet });
    const direct = await shapley(await gameOf(3), { orderings: 4 });
    expect((await stored.part()).values).toEqual(direct.values.map(Math.fround));
  });

  it("removes checkpoints of a part that is written, where the process ended between the two", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const options = { orderings: 20, checkpointSeconds: 0, memory: oneRow("permutation"), ...quiet };
    const kept = join(folder, "kept");
    const copying = { ...game, units: game.units, outputShape: game.outputShape };
    let played = 0;
    const stop = new AbortController();
    copying.evaluate = async (coalitions, evaluation) => {
      const first = `${path}.part/part-0-1`;
      if (existsSync(first) && readdirSync(first).some(isCheckpoint)) cpSync(first, kept, { recursive: true });
      if (++played > 40) stop.abort();
      return game.evaluate(coalitions, evaluation);
    };
    const run = shapleyToDisk(copying, path, { ...options, signal: stop.signal });
    await expect(run).rejects.toThrow(InterruptedError);
    for (const name of readdirSync(kept).filter((name) => !isCheckpoint(name))) rmSync(join(kept, name));
    cpSync(kept, `${path}.part/part-0-1`, { recursive: true });
    await shapleyToDisk(game, path, options);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it("goes on in the parts that it had, whatever memory it may take then", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const options = { orderings: 20, checkpointSeconds: 0, ...quiet };
    const { game: stopping, signal } = stoppedAfter(game, 180);
    const memory = 2 * oneRow("permutation");
    await expect(shapleyToDisk(stopping, path, { ...options, memory, signal })).rejects.toThrow(InterruptedError);
    const remarks: string[] = [];
    await shapleyToDisk(game, path, { ...options, memory: 1e9, onRemark: (text) => remarks.push(text) });
    expect(remarks.some((text) => /^going on from .*part-2-4: \d+ of 20 orderings are there$/.test(text))).toBe(true);
  });

  it("plays anew where a finished store was moved away and only its notes are left", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const options = { orderings: 4, ...quiet };
    await shapleyToDisk(game, path, options);
    const { identity } = await openModes(path);
    const whole = contentOf(path);
    rmSync(path, { recursive: true });
    mkdirSync(`${path}.part`);
    const notes = { identity, provenance: {}, rows: 5, written: [0, 1, 2, 3, 4] };
    writeFileSync(join(`${path}.part`, "written.json"), JSON.stringify(notes));
    await shapleyToDisk(game, path, options);
    expect(contentOf(path)).toEqual(whole);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it("names what others put into the folder of a store that grows, and leaves it there", async () => {
    const game = await manyOutputs();
    const path = newPath();
    mkdirSync(`${path}.part`, { recursive: true });
    writeFileSync(join(`${path}.part`, "notes.txt"), "precious");
    await expect(shapleyToDisk(game, path, { orderings: 2, ...quiet })).rejects.toThrow(
      `${join(`${path}.part`, "notes.txt")}: is in the way: it is not of this package`,
    );
    expect(readdirSync(`${path}.part`)).toEqual(["notes.txt"]);
    rmSync(`${path}.part`, { recursive: true });
    // What comes there while it runs stays too.
    let asked = 0;
    const writing: Game = {
      ...game,
      evaluate(coalitions) {
        if (++asked === 5) writeFileSync(join(`${path}.part`, "notes.txt"), "precious");
        return game.evaluate(coalitions);
      },
    };
    await shapleyToDisk(writing, path, { orderings: 2, ...quiet });
    expect((await openModes(path)).units).toEqual(game.units);
    expect(readFileSync(join(`${path}.part`, "notes.txt"), "utf8")).toBe("precious");
  });

  it.skipIf(process.platform === "win32")("writes where a link leads, and the link stays", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const link = `${path}.link`;
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(path, link);
    for (const orderings of [2, 3]) {
      const stored = await shapleyToDisk(game, link, { orderings, ...quiet });
      expect(stored.path).toBe(link);
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
      expect((await openModes(path)).provenance.orderings).toBe(orderings);
    }
    expect(existsSync(`${path}.part`) || existsSync(`${link}.part`)).toBe(false);
  });

  it("is refused while the same store is being written, and takes over from a process that has ended", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const first = shapleyToDisk(game, path, { orderings: 200, ...quiet });
    while (!existsSync(`${path}.part`)) await sleep(1);
    await expect(shapleyToDisk(game, path, { orderings: 200, ...quiet })).rejects.toThrow(
      `is being written already, by process ${process.pid}`,
    );
    await first;
    mkdirSync(`${path}.part`);
    writeFileSync(join(`${path}.part`, "lock"), "2147480000");
    await shapleyToDisk(game, path, { orderings: 20, ...quiet });
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it.each<[string, string, ShapleyToDiskOptions, RegExp]>([
    [
      "a memory in which not one part fits",
      "a",
      { memory: 1000, estimator: "permutation" },
      /^invalid memory; expected at least 1152 bytes.*received 1000$/,
    ],
    ["a memory of nothing", "a", { memory: 0 }, /^invalid memory; expected a positive number of bytes; received 0$/],
    ["no path", " ", {}, /^invalid path; expected the name of a folder/],
    ["bad options", "a", { orderings: 0 }, /^invalid orderings/],
  ])("refuses %s before anything is computed", async (_, name, options, message) => {
    const game: Game = { ...(await manyOutputs()), evaluate: () => Promise.reject(new Error("evaluated")) };
    const path = name === " " ? name : join(folder, name);
    await expect(shapleyToDisk(game, path, { ...options, ...quiet })).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain("a.part");
  });

  it("refuses to start where the disk is too small", async () => {
    const { bavail, bsize } = statfsSync(folder);
    const rows = Math.ceil((bavail * bsize) / (8 * 1e9)) + 10;
    const huge: Game = {
      units: ["a", "b"],
      outputShape: [rows, 1e9],
      evaluate: () => Promise.reject(new Error("evaluated")),
    };
    await expect(shapleyToDisk(huge, newPath(), { memory: 1e12, ...quiet })).rejects.toThrow(
      /needs [\d.]+ GB on its disk, where [\d.]+ [GM]B are free/,
    );
  });

  it("refuses to go on with an unfinished store of another run", async () => {
    const game = await manyOutputs();
    const path = newPath();
    const abort = new AbortController();
    const onProgress = ({ evaluations }: { evaluations: number }) => evaluations > 60 && abort.abort();
    const options = { orderings: 10, memory: oneRow("permutation"), checkpointSeconds: 0, ...quiet };
    await shapleyToDisk(game, path, { ...options, onProgress, signal: abort.signal }).catch(() => {});
    await expect(shapleyToDisk(game, path, { ...options, seed: 2 })).rejects.toThrow("invalid path");
    await shapleyToDisk(game, path, options);
  });
});

describe("openModes", () => {
  it("names what is wrong with a store", async () => {
    await expect(openModes(join(folder, "nothing"))).rejects.toThrow("no such store of modes");
    const path = newPath();
    const game = await manyOutputs();
    await shapleyToDisk(game, path, { orderings: 4, ...quiet });
    rmSync(join(path, "modes", "c", "0", "2"), { recursive: true });
    const stored = await openModes(path);
    await stored.slice(1);
    await expect(stored.slice(2)).rejects.toThrow("is not whole: a part of /modes is missing");
    await expect(stored.slice(5)).rejects.toThrow("invalid first index; expected a number from 0 to 4; received 5");
    await expect(stored.unit("x")).rejects.toThrow("invalid unit");
    rmSync(join(path, "modes"), { recursive: true });
    await expect(openModes(path)).rejects.toThrow("has no array modes");
    writeFileSync(join(path, "zarr.json"), "{}");
    await expect(openModes(path)).rejects.toThrow("is no store of modes");
  });

  it("reads what any Zarr of version 3 says: little-endian float32 in a gzip file for each chunk", async () => {
    const path = newPath();
    const game = await manyOutputs();
    const modes = await shapley(game, { orderings: 4 });
    await shapleyToDisk(game, path, { orderings: 4, ...quiet });
    const header = JSON.parse(readFileSync(join(path, "modes", "zarr.json"), "utf8"));
    expect(header).toMatchObject({ zarr_format: 3, node_type: "array", shape: [6, 5, 2, 3], data_type: "float32" });
    const bytes = gunzipSync(readFileSync(join(path, "modes", "c", "0", "3", "0", "0")));
    const numbers = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
    expect(numbers).toEqual(Array.from(modes.slice(3).values, Math.fround));
  });
});

/** The checkpoints in a folder that another process works in. */
function checkpointsBelow(path: string): string {
  try {
    return readdirSync(path, { recursive: true }).filter(isCheckpoint).join();
  } catch (error) {
    // A folder that is not there yet, or went as this was about to look into it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function isCheckpoint(name: string | Buffer): boolean {
  return /checkpoint-\d+\.bin$/.test(String(name));
}

/** The same game, which ends the run when it has been asked about so many coalitions. */
function stoppedAfter(game: Game, after: number): { game: Game; signal: AbortSignal } {
  const abort = new AbortController();
  let asked = 0;
  return {
    signal: abort.signal,
    game: {
      ...game,
      evaluate(coalitions, signal) {
        asked += coalitions.count;
        if (asked > after) abort.abort(new Error("enough"));
        return game.evaluate(coalitions, signal);
      },
    },
  };
}

/** All files of a folder with their contents. */
function contentOf(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file.slice(path.length), readFileSync(file).toString("base64")];
    }),
  );
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = await once(child, "close");
  expect(code).toBe(0);
}
