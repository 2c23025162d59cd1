import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path, { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { describe, expect, it } from "vitest";
import { causalInfluences } from "../../src/analysis/causal-influences.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { interactions as interactionsOf } from "../../src/engine/interactions/interactions.js";
import type { InteractionsOptions } from "../../src/engine/interactions/options.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { packError, unpackError } from "../../src/engine/threads/thread-error.js";
import { FileError, GameError, invalid, isOurs, MissingPartError, wrongKind } from "../../src/errors.js";
import { gameFrom } from "../../src/games/from-function.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import type { Game } from "../../src/games/game.js";
import { gameFromFiles } from "../../src/lesion/game-from-files.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { toNpz } from "../../src/modes/npz.js";
import { checkpoint, checkpointFolder } from "../../src/networks/mlp/checkpoints.js";
import { loadMlp, saveMlp } from "../../src/networks/mlp/file.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { packageRoot } from "../../src/package.js";

const module = join(packageRoot, "test", "engine", "worker-games.mjs");
const made = (name: string, ...args: (number | string)[]) => gameFromSpec({ module, export: name, arguments: args });
const failureOf = (game: Game, options: ShapleyOptions) => shapley(game, options).catch((error) => error);

describe("shapley with workers", () => {
  const interactions = (units: number) =>
    gameFromSpec({ module: "shapley-modes/games", export: "interactionGame", arguments: [units, { outputs: 3 }] });
  const network = async () =>
    mlpGame(await checkpoint({ width: 50, regulariser: "l2", trial: 0 }), loadInputs("mnist-test:0-99"));

  const network10 = async () =>
    mlpGame(await checkpoint({ width: 10, regulariser: "l2", trial: 0 }), loadInputs("mnist-test:0-99"));

  it.each<[string, () => Promise<Game>, ShapleyOptions]>([
    ["permutation", () => interactions(9), { orderings: 51, seed: 0 }],
    ["antithetic", () => interactions(9), { estimator: "antithetic", orderings: 50, seed: 3 }],
    ["permutation in blocks", () => interactions(9), { orderings: 51, seed: 0, blocks: 6 }],
    ["leverage", () => interactions(12), { estimator: "leverage", evaluations: 600, seed: 4 }],
    ["leverage of a game with gates", () => made("gated", 12), { estimator: "leverage", evaluations: 300, seed: 4 }],
    ["antithetic of a game with gates", () => made("gated", 12), { estimator: "antithetic", orderings: 50, seed: 4 }],
    ["exact", () => interactions(14), { estimator: "exact" }],
    ["permutation of a network's walk", network, { orderings: 30, seed: 2 }],
  ])("gives the same bytes for 1, 2 and 3 workers (%s)", async (_, game, options) => {
    const files = [];
    for (const workers of [1, 2, 3]) {
      const remarks: string[] = [];
      const modes = await shapley(await game(), { ...options, workers, onRemark: (text) => remarks.push(text) });
      // Its terms say an interaction game exactly, which it says.
      expect(remarks.filter((text) => !text.startsWith("the fit says"))).toEqual([]);
      if (options.evaluations === 300) expect(modes.provenance.pairs).toBe(298);
      files.push(Buffer.from(toNpz(modes)).toString("base64"));
    }
    expect(files[1]).toBe(files[0]);
    expect(files[2]).toBe(files[0]);
  });

  it.each<[string, () => Promise<Game>, InteractionsOptions]>([
    ["exact", () => interactions(10), {}],
    ["pairs", () => interactions(12), { estimator: "pairs", evaluations: 400, seed: 2 }],
    [
      "walks",
      () => interactions(9),
      {
        subsets: [
          ["0", "1"],
          ["2", "5"],
        ],
        orderings: 60,
        seed: 3,
      },
    ],
    ["walks until a budget", () => interactions(9), { estimator: "walks", evaluations: 1500, seed: 3 }],
    ["exact of a network", network10, { estimator: "exact" }],
  ])("gives the same bytes of interactions for 1, 2 and 3 workers (%s)", async (_, game, options) => {
    const files: Buffer[] = [];
    for (const workers of [1, 2, 3]) {
      const found = await interactionsOf(await game(), { ...options, workers });
      files.push(
        Buffer.concat([found.values, found.standardErrors as Float64Array].map(({ buffer }) => Buffer.from(buffer))),
      );
    }
    expect(files[1].equals(files[0])).toBe(true);
    expect(files[2].equals(files[0])).toBe(true);
  });

  it("gives the same bytes of causal influences for 1 and 2 workers, of a network from a file", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "influences-")), "deep.safetensors");
    const widths = [4, 5, 3, 4, 2];
    const layer = (inputs: number, outputs: number) => ({
      weights: Float32Array.from({ length: inputs * outputs }, (_, i) => Math.sin(13 * i + outputs)),
      biases: new Float32Array(outputs).fill(0.1),
    });
    saveMlp(mlpNetwork(widths.slice(1).map((outputs, l) => layer(widths[l], outputs))), path);
    const network = await loadMlp(path);
    const inputs = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));
    const found = [];
    for (const workers of [1, 2]) {
      const sites = ["hidden1", "hidden2", "hidden3"];
      const onRemark = (remark: string) => expect.fail(remark);
      found.push(await causalInfluences(network, inputs, { sites, orderings: 20, seed: 3, workers, onRemark }));
    }
    expect(found[1].values).toEqual(found[0].values);
    expect(found[1].standardErrors).toEqual(found[0].standardErrors);
    expect(found[0].values[0][5]).not.toBe(0);
    const { source: _, ...inMemory } = network;
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    await causalInfluences(inMemory, inputs, { sites: ["hidden1", "hidden2"], orderings: 2, workers: 2, onRemark });
    expect(remarks).toEqual([expect.stringContaining("one worker is used")]);
  });

  it("plays a network from its files in another process as in this one", async () => {
    const path = join(checkpointFolder, "l2-10-0.safetensors");
    const given = await gameFromFiles({ network: path, inputs: "mnist-test:0-99", lesion: "mean" });
    const { forThreads: _, ...withSpecAlone } = given;
    const options = { orderings: 8, seed: 4 };
    const here = await shapley(given, options);
    const there = await shapley(withSpecAlone, { ...options, workers: 2 });
    expect(JSON.parse(JSON.stringify(given.spec))).toEqual(given.spec);
    expect(there.values).toEqual(here.values);
    expect(there.provenance).toEqual(here.provenance);
    expect(there.provenance.game).toMatchObject({ lesion: "mean", network: "mlp 784-10-10" });
    await expect(gameFromFiles({ network: path, inputs: "mnist-test:0-99", sha256: "0".repeat(64) })).rejects.toThrow(
      /has sha256 [0-9a-f]{64}; 0{64} was expected/,
    );
  });

  it("starts threads that load no ES module by require: one that is ended within that ends the process", async () => {
    const entry = join(packageRoot, "dist", "engine", "threads", "worker-entry.cjs");
    const { runTask } = createRequire(import.meta.url)(entry) as { runTask: unknown };
    // Imported, not there yet: by require it would be a function.
    expect(types.isPromise(runTask)).toBe(true);
    const pool = readFileSync(join(packageRoot, "dist", "engine", "threads", "worker-pool.js"), "utf8");
    expect(pool).toContain(basename(entry));
  });

  it("refuses a number of workers that is none, before the game is asked anything", async () => {
    let asked = 0;
    const game = await gameFrom(3, () => ++asked, { outputShape: [] });
    for (const workers of [0, -1, 1.5, "2" as never]) {
      await expect(shapley(game, { workers })).rejects.toThrow(
        "invalid workers; expected a positive integer; received",
      );
    }
    expect(asked).toBe(0);
  });

  it("plays a closure here, says so, and gives the same modes and provenance", async () => {
    const game = await gameFrom(4, (intact) => intact.size ** 2);
    const remarks: string[] = [];
    const modes = await shapley(game, { workers: 2, orderings: 8, onRemark: (remark) => remarks.push(remark) });
    expect(remarks).toEqual([expect.stringContaining("one worker is used: this game is a closure")]);
    const alone = await shapley(game, { orderings: 8, onRemark: (remark) => remarks.push(remark) });
    expect(modes.values).toEqual(alone.values);
    expect(modes.provenance).toEqual(alone.provenance);
    expect(remarks).toHaveLength(1);
  });

  it("does the chunk of a worker that dies again, and counts its evaluations once", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "workers-")), "died");
    const options = { orderings: 40, seed: 5 };
    const reports: number[] = [];
    const modes = await shapley(await made("dyingOnce", 6, file), {
      ...options,
      workers: 2,
      onProgress: ({ evaluations }) => reports.push(evaluations),
    });
    const undisturbed = await shapley(await made("fine", 6), options);
    expect(modes.values).toEqual(undisturbed.values);
    expect(modes.standardErrors).toEqual(undisturbed.standardErrors);
    expect({ ...modes.provenance, game: null }).toEqual({ ...undisturbed.provenance, game: null });
    expect(reports.at(-1)).toBe(2 + 40 * 5);
  });

  it("gives up a chunk whose workers die again and again", async () => {
    const error = await failureOf(await made("deadly", 6), { workers: 2, seed: 9 });
    expect(error).toBeInstanceOf(GameError);
    expect(error.message).toMatch(/^the worker thread died 3 times at the same work \(.*code: 3\); seed 9$/);
  });

  it.each(["throwing", "notANumber"])("names the coalition and the seed as without workers (%s)", async (name) => {
    // v of nobody and of everybody is fine: the error comes from a worker. Which chunk fails first is a matter of luck.
    const options = { estimator: "exact", seed: 6 } as const;
    const here = await failureOf(await made(name, 14, 13), options);
    expect(here.message).toMatch(name === "throwing" ? /the game threw.*: not with 13; coalition/ : /received NaN/);
    for (let run = 0; run < 2; run++) {
      const there = await failureOf(await made(name, 14, 13), { ...options, workers: 3 });
      expect(there).toBeInstanceOf(GameError);
      expect(there.message).toBe(here.message);
      expect(there.coalition).toEqual(here.coalition);
      expect(there.seed).toBe(6);
      expect(there.cause?.message).toBe(here.cause?.message);
      expect(there.cause instanceof RangeError).toBe(name === "throwing");
      expect(there.cause?.cause?.message).toBe(here.cause?.cause?.message);
    }
  });

  it("refuses a game that is another one in a worker", async () => {
    const error = await failureOf(await made("different", 5), { workers: 2 });
    expect(error.message).toContain("worker-games.mjs makes in a worker differs from the one given; seed 1");
  });

  it("refuses a game that computes otherwise in a worker", async () => {
    const error = await failureOf(await made("otherwise", 5), { workers: 2 });
    expect(error).toBeInstanceOf(GameError);
    expect(error.message).toContain("worker-games.mjs makes in a worker differs from the one given; seed 1");
  });

  it.each([
    ["throws as it is imported", "throw new Error('not here');", /broken.mjs: can not be imported \(Error: not here\)/],
    [
      "has no such export",
      "",
      /^invalid export; expected the name of a function that .*broken.mjs.* exports; received "make"/,
    ],
    ["has a syntax error", "export const make = (;", /broken.mjs: can not be imported \(SyntaxError: /],
  ])("says in one line that a module %s in a worker", async (_, content, message) => {
    const file = join(mkdtempSync(join(tmpdir(), "workers-")), "broken.mjs");
    const good = "export const make = () => ({ units: 3, value: (intact) => intact.size });";
    writeFileSync(file, good);
    const game = await gameFromSpec({ module: file, export: "make", arguments: [] });
    writeFileSync(file, content);
    const error = await failureOf(game, { workers: 2 });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
    expect(error instanceof FileError || error instanceof TypeError).toBe(true);
  });

  it("keeps the class of an error that says what part is missing", async () => {
    const error = unpackError(
      packError(new MissingPartError("sharp", "npm install sharp", { cause: new Error("no") })),
    );
    expect(error).toBeInstanceOf(MissingPartError);
    expect(error.message).toBe("sharp is not available; npm install sharp");
    expect(error).toMatchObject({ part: "sharp", remedy: "npm install sharp", name: "MissingPartError" });
    expect((error.cause as Error).message).toBe("no");
  });

  it("tells an error of the library from one of the language, of whatever words", () => {
    for (const error of [invalid("units", "a list", 3), wrongKind("units", "a list", 3)]) {
      const again = unpackError(packError(error));
      expect([again.name, again.message, isOurs(again)]).toEqual([error.name, error.message, true]);
    }
    const language = unpackError(packError(new RangeError("invalid array length")));
    expect([language instanceof RangeError, isOurs(language)]).toEqual([true, false]);
  });

  it("stops with the signal's reason, also in a worker that never waits", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("interrupted")), 300);
    await expect(
      shapley(await made("endless", 6), { estimator: "permutation", workers: 2, signal: abort.signal }),
    ).rejects.toThrow("interrupted");
    await expect(
      shapley(await made("fine", 6), { estimator: "permutation", workers: 2, signal: abort.signal }),
    ).rejects.toThrow("interrupted");
  });

  it("reports progress within chunks, that ends at the total", async () => {
    const reports: number[] = [];
    const modes = await shapley(await made("slow", 6, 40), {
      orderings: 4,
      workers: 2,
      onProgress: ({ evaluations, total }) => {
        reports.push(evaluations);
        expect(total).toBe(2 + 4 * 5);
      },
    });
    // One chunk of four orderings: a number that is neither that of the ends nor the total comes from within it.
    expect(reports.filter((evaluations) => evaluations > 2 && evaluations < 22)).not.toEqual([]);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
    expect(reports.at(-1)).toBe(modes.provenance.evaluations);
  });

  it("rejects with what onProgress throws", async () => {
    const options = {
      orderings: 1000,
      workers: 2,
      onProgress: () => {
        throw new Error("enough");
      },
    };
    await expect(shapley(await made("slow", 6, 5), options)).rejects.toThrow("enough");
  });

  it("leaves no thread behind after success, error and interruption, and the process ends by itself", () => {
    const script = `
      const { gameFromSpec, shapley } = await import(${JSON.stringify(pathToFileURL(join(packageRoot, "dist/index.js")).href)});
      const made = (name, ...args) => gameFromSpec({ module: ${JSON.stringify(module)}, export: name, arguments: args });
      const ports = () => process.getActiveResourcesInfo().filter((name) => /MessagePort|Worker/.test(name)).length;
      const found = { during: 0, after: [] };
      await shapley(await made("slow", 6, 3), { orderings: 40, workers: 2, onProgress: ({ done }) => {
        if (!done) found.during = Math.max(found.during, ports());
      } });
      found.after.push(ports());
      await shapley(await made("throwing", 6, 3), { estimator: "permutation", workers: 2 }).catch(() => 0);
      found.after.push(ports());
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 300);
      await shapley(await made("endless", 6), { estimator: "permutation", workers: 2, signal: abort.signal }).catch(() => 0);
      found.after.push(ports());
      process.stdout.write(JSON.stringify(found));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 250_000,
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const { during, after } = JSON.parse(stdout);
    expect(during).toBeGreaterThan(0);
    expect(after).toEqual([0, 0, 0]);
  });
});

describe("gameFromSpec", () => {
  it("makes a game of units and a value, which workers make as well, and reads a module that has changed again", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "workers-")), "powers.mjs");
    const totals = [];
    for (const power of [2, 3]) {
      writeFileSync(file, `export const powers = (units) => ({ units, value: (intact) => intact.size ** ${power} });`);
      utimesSync(file, power, power);
      const game = await gameFromSpec({ module: file, export: "powers", arguments: [["a", "b", "c"]] });
      const modes = await shapley(game, { orderings: 8, workers: 2, onRemark: (remark) => expect.fail(remark) });
      expect(modes.units).toEqual(["a", "b", "c"]);
      totals.push(modes.total()[0]);
    }
    expect(totals[0]).toBeCloseTo(9, 12);
    expect(totals[1]).toBeCloseTo(27, 12);
  });

  it("states module, export, arguments and checksum in the provenance, and no folder of this machine", async () => {
    const folder = mkdtempSync(join(tmpdir(), "workers-"));
    const file = join(folder, "powers.mjs");
    const text =
      "export const make = (units) => ({ units, value: (intact) => intact.size, provenance: { score: 'size' } });";
    writeFileSync(file, text);
    const typed = new Float32Array(3);
    const game = await gameFromSpec({
      module: file,
      export: "make",
      arguments: [3, join(folder, "data.npy"), { typed }],
    });
    const modes = await shapley(game, { orderings: 4 });
    expect(modes.provenance.game).toEqual({
      arguments: [3, "data.npy", { typed: "Float32Array of length 3" }],
      export: "make",
      module: "powers.mjs",
      module_sha256: createHash("sha256").update(text).digest("hex"),
      score: "size",
    });
    expect(JSON.stringify(modes.provenance)).not.toContain(folder);
    const relative = `./${path.relative(process.cwd(), module)}`;
    const near = await gameFromSpec({ module: relative, export: "fine", arguments: [3] });
    expect(near.provenance).toMatchObject({ module: relative, export: "fine", arguments: [3] });
    const ours = await gameFromSpec({
      module: "shapley-modes/games",
      export: "interactionGame",
      arguments: [3, { seed: 2 }],
    });
    expect(ours.provenance).toMatchObject({ module: "shapley-modes/games", arguments: [3, { seed: 2 }] });
  });

  it("says in one line that a module can not be imported, and that an export throws", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "workers-")), "broken.mjs");
    writeFileSync(file, "export const make = () => { throw new Error('no data'); };");
    const failing = gameFromSpec({ module: file, export: "make", arguments: [] });
    await expect(failing).rejects.toThrow(GameError);
    await expect(failing).rejects.toThrow(`make of ${file} threw: no data`);
    await expect(gameFromSpec({ module: "no-such-package", export: "make", arguments: [] })).rejects.toThrow(
      /^no-such-package: can not be imported \(/,
    );
  });

  it("says what is wrong with a spec", async () => {
    const refused: [object, string][] = [
      [{ module: 3 }, "invalid module; expected a path, a URL or a package; received 3"],
      [{ module: "./absent.mjs", export: "fine", arguments: [] }, "./absent.mjs: no such module"],
      [{ module, export: "fine" }, "invalid arguments; expected a list; received undefined"],
      [{ module, export: "absent", arguments: [] }, "invalid export; expected the name of a function that"],
      [{ module, export: "notAFunction", arguments: [] }, "invalid export; expected the name of a function that"],
      [
        { module: "shapley-modes/games", export: "allIntact", arguments: [3] },
        "expected a function that returns a game",
      ],
    ];
    for (const [spec, message] of refused) await expect(gameFromSpec(spec as never)).rejects.toThrow(message);
  });
});
