import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { FileError } from "../../src/errors.js";
import type { EstimatorName } from "../../src/estimators/registry.js";
import { sha256 } from "../../src/files.js";
import { gameFrom } from "../../src/games/from-function.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import { ChunkWriter } from "../../src/jobs/chunk-writer.js";
import { takeDriverLock } from "../../src/jobs/driver-lock.js";
import { openJob } from "../../src/jobs/job.js";
import { base64Of } from "../../src/jobs/job-plan.js";
import { jobStatus } from "../../src/jobs/job-status.js";
import { chunkFolder, chunkPath } from "../../src/jobs/layout.js";
import { type PlanJobOptions, planJob } from "../../src/jobs/plan-job.js";
import { playChunks } from "../../src/jobs/play-chunks.js";
import { IncompleteJobError, reduceJob } from "../../src/jobs/reduce-job.js";
import { runJob } from "../../src/jobs/run-job.js";
import { headOf, Surveyor } from "../../src/jobs/survey.js";
import { canonicalJson } from "../../src/json.js";
import { mimeMethod } from "../../src/kernel-hook.js";
import { temporaryFolder } from "../helpers/folders.js";
import { fc } from "../helpers/properties.js";
import { alone, bytes, filesIn, gameOf, games } from "./kit.js";

let root: { folder: string; remove(): void };
beforeAll(() => {
  root = temporaryFolder();
});
afterAll(() => root.remove());

let folders = 0;
const fresh = () => join(root.folder, `job-${folders++}`);
const quiet = { onRemark: () => {} };

/** A job of the game `vectors`. */
async function planned(units: number, options: Omit<PlanJobOptions, "folder">, folder = fresh()) {
  await planJob(await gameOf("vectors", units), { ...options, folder });
  return openJob(folder);
}

async function reduced(folder: string): Promise<string> {
  return bytes((await reduceJob(folder, quiet)).modes);
}

describe("a job", () => {
  it("comes to the bytes of one process, for any estimator, number of chunks, order and repeats", async () => {
    const cases = fc.record({
      estimator: fc.constantFrom<EstimatorName>("permutation", "antithetic", "leverage", "exact"),
      units: fc.integer({ min: 2, max: 13 }),
      orderings: fc.integer({ min: 1, max: 20 }).map((half) => 2 * half),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      pieces: fc.double({ min: 0, max: 1, noNaN: true }),
      order: fc.infiniteStream(fc.nat()),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ estimator, units, orderings, seed, pieces, order }) => {
        const options = { estimator, orderings, seed };
        const { blocks } = await planned(units, { ...options, chunks: 1 });
        const job = await planned(units, { ...options, chunks: Math.max(1, Math.ceil(pieces * blocks.chunks)) });
        const chunks = Array.from({ length: job.plan.chunks }, (_, chunk) => ({ chunk, key: order.next().value }));
        chunks.sort((a, b) => a.key - b.key);
        for (const { chunk } of chunks) await playChunks(job, [chunk]);
        await playChunks(job, [chunks[0].chunk]);
        expect(await reduced(job.folder)).toBe(bytes(await alone(units, options)));
        rmSync(job.folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });

  it("stops where rules of `until` stop one process, and needs no chunks behind that", async () => {
    for (const estimator of ["permutation", "leverage"] as const) {
      const until = { standardError: estimator === "leverage" ? 0.02 : 0.1 };
      const options = { estimator, until, ...(estimator === "permutation" && { orderings: 4000 }), seed: 3 };
      const { folder, plan } = await planned(12, { ...options, chunks: 20 });
      const { done, spared } = await runJob(folder, quiet);
      expect(done.length).toBeGreaterThan(0);
      expect(spared.length).toBeGreaterThan(0);
      expect(done.length + spared.length).toBe(plan.chunks);
      expect(await reduced(folder)).toBe(bytes(await alone(12, options)));
      expect((await jobStatus(folder)).complete).toBe(true);
    }
  });

  it("makes every chunk's file with the same bytes, and holds nothing of when or where", async () => {
    const options = { estimator: "permutation", orderings: 40, chunks: 5 } as const;
    const [one, other] = [await planned(6, options), await planned(6, options)];
    expect(readFileSync(join(one.folder, "plan.json"))).toEqual(readFileSync(join(other.folder, "plan.json")));
    await playChunks(one, [0, 1, 2, 3, 4]);
    for (const chunk of [3, 1, 4, 0, 2]) await playChunks(other, [chunk]);
    const files = filesIn(one.folder);
    expect(files).toEqual(filesIn(other.folder));
    for (const file of files)
      expect(readFileSync(join(one.folder, file))).toEqual(readFileSync(join(other.folder, file)));
  });

  it("may be moved between two chunks, with its game in it", async () => {
    const [before, after] = [fresh(), fresh()];
    mkdirSync(before);
    for (const name of ["job-games.mjs", "job-values.mjs"]) {
      copyFileSync(join(import.meta.dirname, name), join(before, name));
    }
    const game = await gameFromSpec({ module: join(before, "job-games.mjs"), export: "vectors", arguments: [7] });
    const inside = join(before, "job");
    await planJob(game, { folder: before, estimator: "antithetic", orderings: 24, chunks: 3 });
    const job = openJob(before);
    expect(inside).not.toBe(job.folder);
    await playChunks(job, [1]);
    renameSync(before, after);
    await runJob(after, quiet);
    expect(await reduced(after)).toBe(bytes(await alone(7, { estimator: "antithetic", orderings: 24 })));
  });

  it("is moved while it runs: one error says so, nothing is written where it was, and it goes on in its new place", async () => {
    const options = { estimator: "permutation", orderings: 40, seed: 6 } as const;
    const job = await planned(6, { ...options, chunks: 5 });
    const after = fresh();
    const chunkDone = (chunk: number) => {
      if (chunk === 1) renameSync(job.folder, after);
      return false;
    };
    const moved = `${job.folder}: is no longer there, or has no plan.json any more: was it moved while it ran?`;
    await expect(playChunks(job, [0, 1, 2, 3, 4], { chunkDone })).rejects.toThrow(moved);
    expect(existsSync(job.folder)).toBe(false);
    expect(() => new Surveyor(job).survey()).toThrow(moved);
    const { done } = await runJob(after, quiet);
    expect(done).toEqual([2, 3, 4]);
    expect(await reduced(after)).toBe(bytes(await alone(6, options)));
  });

  it("comes to the same bytes and state whatever the clock says meanwhile", async () => {
    const options = { estimator: "antithetic", orderings: 80, seed: 2 } as const;
    const job = await planned(6, { ...options, chunks: 4 });
    const now = Date.now();
    let asked = 0;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now + (asked++ % 2 === 0 ? 1e12 : -1e12));
    try {
      await playChunks(job, [2]);
      expect(String(await jobStatus(job.folder))).not.toMatch(/NaN|-\d+ (s|min)\b|Infinity/);
      expect((await runJob(job.folder, quiet)).done).toEqual([0, 1, 3]);
      expect(await reduced(job.folder)).toBe(bytes(await alone(6, options)));
    } finally {
      clock.mockRestore();
    }
  });

  it("is of a module that was named by a relative path, as the result goes on naming it", async () => {
    const module = `./${relative(process.cwd(), games)}`;
    const game = await gameFromSpec({ module, export: "vectors", arguments: [4] });
    const folder = fresh();
    await planJob(game, { folder, estimator: "permutation", orderings: 12, chunks: 2 });
    await runJob(folder, quiet);
    expect(await reduced(folder)).toBe(bytes(await shapley(game, { estimator: "permutation", orderings: 12 })));
  });

  it("goes on with the blocks that a killed process left, and leaves nothing else behind", async () => {
    const job = await planned(6, { estimator: "permutation", orderings: 40, chunks: 2 });
    await playChunks(job, [0]);
    const whole = readFileSync(chunkPath(job.folder, 0));
    for (const kept of [0, 10, 100, 2000, whole.length - 60, whole.length - 1, whole.length]) {
      rmSync(chunkPath(job.folder, 0));
      const part = join(chunkFolder(job.folder, 0), ".chunk-0000000.elsewhere-1.x.part");
      writeFileSync(part, whole.subarray(0, kept));
      let taken = 0;
      await playChunks(job, [0], { takenUp: (_, blocks) => (taken += blocks) });
      expect(readFileSync(chunkPath(job.folder, 0))).toEqual(whole);
      expect(taken).toBe(Math.max(0, Math.min(5, Math.floor((kept - 83) / ((whole.length - 83 - 48) / 5)))));
      expect(filesIn(chunkFolder(job.folder, 0))).toEqual(["chunk-0000000.bin"]);
    }
  });

  it("says how much is kept of chunks whose processes were killed, whether they had said anything or not", async () => {
    const options = { estimator: "permutation", orderings: 48 } as const;
    const job = await planned(6, { ...options, chunks: 3 });
    await playChunks(job, [0, 1]);
    const wholes = [0, 1].map((chunk) => readFileSync(chunkPath(job.folder, chunk)));
    for (const [chunk, share] of [0.6, 0.8].entries()) {
      rmSync(chunkPath(job.folder, chunk));
      const whole = wholes[chunk];
      for (const [name, length] of [
        ["a", 100],
        ["b", Math.floor(whole.length * share)],
      ] as const) {
        const part = join(chunkFolder(job.folder, chunk), `.chunk-000000${chunk}.elsewhere-1.${name}.part`);
        writeFileSync(part, whole.subarray(0, length));
      }
    }
    const gone = spawnSync("true").pid;
    const note = { chunk: 1, state: "running", attempt: 2, done: 1, of: 4, seconds: 9, reason: null, log: null };
    mkdirSync(join(job.folder, "notes", "00000"), { recursive: true });
    const noted = (pid: number, host = hostname()) =>
      writeFileSync(join(job.folder, "notes", "00000", "chunk-0000001.json"), JSON.stringify({ ...note, host, pid }));
    noted(gone);
    const status = await jobStatus(job.folder);
    expect(status).toMatchObject({
      running: [],
      failed: [{ chunk: 1, attempt: 2, done: 3, reason: "its process was killed, or ended without a word" }],
      kept: [
        { chunk: 0, done: 2, of: 4 },
        { chunk: 1, done: 3, of: 4 },
      ],
      waiting: [2],
    });
    expect(`${status}`).toContain("  kept     5 of 8 blocks of chunks 0-1; the next run goes on there\n");
    expect(status[mimeMethod]()["text/html"]).toContain("5 of 8 blocks of chunks 0-1");
    // One that is alive, or of a machine that nobody here can ask, is at work.
    for (const [pid, host] of [
      [process.pid, hostname()],
      [gone, "elsewhere"],
    ] as const) {
      noted(pid, host);
      const other = await jobStatus(job.folder);
      expect(other).toMatchObject({ running: [{ chunk: 1 }], failed: [], kept: [{ chunk: 0 }] });
    }
    let taken = 0;
    await playChunks(job, [0, 1, 2], { takenUp: (_, blocks) => (taken += blocks) });
    expect(taken).toBe(5);
    expect(`${await jobStatus(job.folder)}`).not.toContain("kept");
    expect(await reduced(job.folder)).toBe(bytes(await alone(6, options)));
  });

  it("keeps what is done of a chunk that is told to stop", async () => {
    const { folder } = await planned(6, { estimator: "permutation", orderings: 400, chunks: 1 });
    const abort = new AbortController();
    const job = openJob(folder);
    let evaluations = 0;
    const evaluated = (count: number) => {
      evaluations += count;
      if (evaluations > 1000) abort.abort(new Error("told to stop"));
    };
    await expect(playChunks(job, [0], { signal: abort.signal, evaluated })).rejects.toThrow("told to stop");
    const [stopped] = (await jobStatus(folder)).stopped;
    expect(stopped).toMatchObject({ chunk: 0, of: 100, reason: "told to stop", attempt: 1 });
    expect(stopped.done).toBeGreaterThan(10);
    let taken = 0;
    await playChunks(job, [0], { takenUp: (_, blocks) => (taken += blocks) });
    expect(taken).toBe(stopped.done);
    expect(await reduced(folder)).toBe(bytes(await alone(6, { estimator: "permutation", orderings: 400 })));
    expect((await jobStatus(folder)).stopped).toEqual([]);
  });

  it("is the same for processes that do the same chunk at once", async () => {
    const job = await planned(5, { estimator: "permutation", orderings: 80, chunks: 1 });
    const writers = [0, 1, 2].map(() => new ChunkWriter(job.folder, headOf(job, 0)));
    await Promise.all([playChunks(job, [0]), playChunks(openJob(job.folder), [0])]);
    const whole = readFileSync(chunkPath(job.folder, 0));
    for (const writer of writers) {
      for (const sums of [..."x".repeat(20)].map((_, block) => block)) {
        const one = await job.blocks.runChunk(sums, await gameOf("vectors", 5), job.ends, { evaluated: () => {} });
        writer.append(one.pack());
      }
      writer.finish();
    }
    expect(readFileSync(chunkPath(job.folder, 0))).toEqual(whole);
    expect(filesIn(chunkFolder(job.folder, 0))).toEqual(["chunk-0000000.bin"]);
  });
});

describe("reducing", () => {
  it("lists missing and damaged chunks, each with what is wrong, and running does them again", async () => {
    const options = { estimator: "permutation", orderings: 400, seed: 9 } as const;
    const { folder } = await planned(6, { ...options, chunks: 10 });
    const other = await planned(6, { ...options, seed: 10, chunks: 10 });
    await runJob(folder, quiet);
    await runJob(other.folder, quiet);
    rmSync(chunkPath(folder, 0));
    rmSync(chunkPath(folder, 2));
    rmSync(chunkPath(folder, 3));
    truncateSync(chunkPath(folder, 4), 1000);
    copyFileSync(chunkPath(other.folder, 5), chunkPath(folder, 5));
    copyFileSync(chunkPath(folder, 7), chunkPath(folder, 6));
    const flipped = readFileSync(chunkPath(folder, 8));
    flipped[flipped.length >> 1] ^= 1;
    writeFileSync(chunkPath(folder, 8), flipped);
    writeFileSync(chunkPath(folder, 9), "something else");
    const error = (await reduceJob(folder, quiet).catch((thrown) => thrown)) as IncompleteJobError;
    expect(error).toBeInstanceOf(IncompleteJobError);
    expect(error.missing).toEqual([0, 2, 3]);
    expect(error.message).toMatch(
      /of 10 chunks 3 missing \(0, 2-3\) and 5 damaged \(4: it is cut off; 5: it is of another plan .*; 8: its block \d+ is damaged; 9: it is no chunk/,
    );
    await playChunks(openJob(folder), [0, 2, 3, 4, 5, 6, 9]);
    await expect(reduceJob(folder, quiet)).rejects.toThrow(/of 10 chunks 1 damaged \(8: its block \d+ is damaged\)/);
    const remarks: string[] = [];
    expect((await runJob(folder, { onRemark: (text) => remarks.push(text) })).done).toEqual([8]);
    expect(remarks.join()).toMatch(/chunk 8 is done again: its block \d+ is damaged/);
    expect(await reduced(folder)).toBe(bytes(await alone(6, options)));
  });

  it.each([
    ["orderings", { estimator: "permutation", orderings: 400 }],
    ["fits", { estimator: "leverage", evaluations: 2000 }],
  ] as const)(
    "names one that is cut off, one with a flipped bit, a missing and a foreign one of %s, in every way to ask",
    async (_, options) => {
      const { folder } = await planned(14, { ...options, chunks: 8 });
      const other = await planned(14, { ...options, seed: 10, chunks: 8 });
      await runJob(folder, quiet);
      await runJob(other.folder, quiet);
      truncateSync(chunkPath(folder, 2), 1000);
      rmSync(chunkPath(folder, 3));
      copyFileSync(chunkPath(other.folder, 5), chunkPath(folder, 5));
      const flipped = readFileSync(chunkPath(folder, 6));
      flipped[flipped.length >> 1] ^= 1;
      writeFileSync(chunkPath(folder, 6), flipped);
      const damaged = [
        { chunk: 2, problem: "it is cut off" },
        { chunk: 5, problem: expect.stringMatching(/^it is of another plan/) },
        { chunk: 6, problem: expect.stringMatching(/^its block \d+ is damaged$/) },
      ];
      const found = { missing: [3], damaged };
      await expect(reduceJob(folder, quiet)).rejects.toMatchObject({ ...found, name: "IncompleteJobError" });
      await expect(reduceJob(folder, quiet)).rejects.toThrow(
        /of 8 chunks 1 missing \(3\) and 3 damaged \(2: it is cut off; 5: it is of .*; 6: its block \d+ is damaged\)/,
      );
      expect(await reduceJob(folder, { ...quiet, partial: true })).toMatchObject(found);
      const status = await jobStatus(folder);
      expect(status).toMatchObject({ damaged, done: [0, 1, 4, 7], waiting: [3] });
      expect(status.largestStandardError).toBeGreaterThan(0);
      expect(`${status}`).toMatch(/ 6 {2}its block \d+ is damaged/);
    },
  );

  it("detects any changed byte and any cut", async () => {
    const options = { estimator: "permutation", orderings: 16 } as const;
    const { folder } = await planned(4, { ...options, chunks: 1 });
    await runJob(folder, quiet);
    const path = chunkPath(folder, 0);
    const whole = readFileSync(path);
    const at = fc.integer({ min: 0, max: whole.length - 1 });
    const damage = fc.oneof(
      fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([place, bits]) => {
        const changed = Buffer.from(whole);
        changed[place] ^= bits;
        return changed;
      }),
      at.map((length) => whole.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 100 }).map((more) => Buffer.concat([whole, more])),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (content) => {
        writeFileSync(path, content);
        await expect(reduceJob(folder, quiet)).rejects.toThrow(/1 damaged/);
      }),
      { numRuns: 100 },
    );
    await runJob(folder, quiet);
    expect(readFileSync(path)).toEqual(whole);
  });

  it("gives modes of what is there where that is asked for: those of so many orderings, with their errors", async () => {
    const job = await planned(6, { estimator: "antithetic", orderings: 402, chunks: 10 });
    await playChunks(job, [0, 1, 2]);
    const { modes, missing, unused } = await reduceJob(job.folder, { partial: true });
    expect(missing).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(unused).toEqual([]);
    const { orderings } = job.blocks.extent(30);
    expect(modes.provenance).toMatchObject({ orderings, orderings_planned: 402 });
    const first = await alone(6, { estimator: "antithetic", orderings: orderings as number });
    expect(modes.values).toEqual(first.values);
    expect(modes.standardErrors).toEqual(first.standardErrors);
    expect(modes.complete).toBe(false);
    // The last block is short: what is left out is counted as what it is.
    await playChunks(job, [9]);
    const gaps = await reduceJob(job.folder, { partial: true });
    expect(gaps.missing).toEqual([3, 4, 5, 6, 7, 8]);
    expect(gaps.modes.provenance.orderings).toBe((orderings as number) + 42);
    expect(gaps.modes.provenance.evaluations).toBe(((orderings as number) + 42) * 5 + 2);
    expect(gaps.modes.efficiencyGap).toBeLessThan(1e-12);
  });

  it("leaves out what is behind a gap where the order matters, and says so", async () => {
    const job = await planned(14, { estimator: "leverage", evaluations: 2000, chunks: 8 });
    await playChunks(job, [0, 1, 2, 5]);
    const { modes, missing, unused } = await reduceJob(job.folder, { partial: true });
    expect([missing, unused]).toEqual([[3, 4, 6, 7], [5]]);
    const evaluations = job.blocks.extent(Math.floor((3 * job.plan.blocks) / 8)).evaluations + 2;
    expect(modes.provenance).toMatchObject({ evaluations, evaluations_planned: 2000 });
  });

  it("refuses a part of what means nothing before its end, and of nothing", async () => {
    const exact = await planned(13, { estimator: "exact", chunks: 2 });
    await playChunks(exact, [0]);
    await expect(reduceJob(exact.folder, { partial: true })).rejects.toThrow(
      /invalid partial; expected false for exact, whose sums mean nothing before the end/,
    );
    const none = await planned(5, { estimator: "permutation", chunks: 2 });
    await expect(reduceJob(none.folder, { partial: true })).rejects.toThrow(/false before the first chunk is done/);
    const behind = await planned(10, { estimator: "leverage", evaluations: 600, chunks: 4 });
    await playChunks(behind, [2]);
    await expect(reduceJob(behind.folder, { partial: true })).rejects.toThrow(
      /false before chunk 0 is done: of leverage, .* only chunks before the first that is not there count/,
    );
  });
});

describe("errors, before anything is computed", () => {
  it("a folder that is no job's, or holds one already", async () => {
    const nothing = fresh();
    expect(() => openJob(nothing)).toThrow(`${nothing}: is no folder of a job: there is no plan.json in it`);
    await expect(reduceJob(nothing)).rejects.toThrow(FileError);
    await expect(jobStatus(nothing)).rejects.toThrow(FileError);
    const { folder } = await planned(4, { estimator: "permutation", chunks: 2 });
    await expect(planned(4, { estimator: "permutation", chunks: 2 }, folder)).rejects.toThrow(/holds a job already/);
    writeFileSync(join(folder, "plan.json"), "[1]");
    expect(() => openJob(folder)).toThrow(/is no plan of a job/);
  });

  it("a plan of another version, of another format, or changed", async () => {
    const { folder } = await planned(4, { estimator: "permutation", chunks: 2 });
    const path = join(folder, "plan.json");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/"version": "[^"]+"/, '"version": "0.0.9"'));
    expect(() => openJob(folder)).toThrow(
      /is a plan of shapley-modes 0\.0\.9, this is .*: go on with that version, or plan/,
    );
    for (const look of [() => jobStatus(folder), () => reduceJob(folder, quiet), () => runJob(folder, quiet)]) {
      await expect(look()).rejects.toThrow(/is a plan of shapley-modes 0\.0\.9/);
    }
    writeFileSync(path, text.replace('"chunks": 2', '"chunks": 3'));
    expect(() => openJob(folder)).toThrow(/was changed after it was planned/);
    writeFileSync(path, text.replace("shapley-modes-job/1", "shapley-modes-job/9"));
    expect(() => openJob(folder)).toThrow(/is no plan of this format/);
  });

  it("a plan of another hand, whose checksum fits: its first part that is none is named", async () => {
    const { folder } = await planned(4, { estimator: "permutation", chunks: 2 });
    const path = join(folder, "plan.json");
    const { format, sha256: _, ...content } = JSON.parse(readFileSync(path, "utf8"));
    const written = (change: object) => {
      const changed = { ...content, ...change };
      const hash = sha256(Buffer.from(canonicalJson(changed, 0)));
      writeFileSync(path, JSON.stringify({ ...changed, format, sha256: hash }));
    };
    const { request, game, ends } = content;
    const wrong: [part: string, change: object][] = [
      ["estimator", { estimator: "constructor" }],
      ["units", { units: ["a", "a", "b", "c"] }],
      ["units", { units: [1, "a", "b", "c"] }],
      ["output_shape", { output_shape: [-3] }],
      ["request", { request: { ...request, units: 1e9 } }],
      ["orderings", { request: { ...request, orderings: 1e300 } }],
      ["seed", { request: { ...request, seed: "x" } }],
      ["until", { until: { standardError: -1 } }],
      ["game", { game: null }],
      ["game", { game: { ...game, spec: {} } }],
      ["walks", { game: { ...game, walks: 1 } }],
      ["ends.all", { ends: { ...ends, all: "AAAA" } }],
      ["ends.none", { ends: { ...ends, none: base64Of(Float64Array.of(Number.NaN, 0, 0)) } }],
      ["blocks", { blocks: 3 }],
      ["chunks", { chunks: 1e12 }],
      ["chunks", { chunks: -1 }],
      ["chunks", { blocks: 2e7, chunks: 2e7, request: { ...request, orderings: 8e7 } }],
      ["seconds_per_block", { seconds_per_block: -1 }],
      ["chunks", { chunks: 1.5 }],
      ["files", { files: [{ path: 5 }] }],
      ["bytes", { bytes: null }],
    ];
    for (const [part, change] of wrong) {
      written(change);
      expect(() => openJob(folder)).toThrow(`${path}: is no plan of a job: invalid ${part}; expected`);
    }
    writeFileSync(path, "");
    expect(() => openJob(folder)).toThrow(/is no plan of a job: it is no JSON object/);
    writeFileSync(path, `{"format":"shapley-modes-job/1","x":${"[".repeat(5000)}${"]".repeat(5000)}}`);
    expect(() => openJob(folder)).toThrow(/is no plan of a job/);
    written({});
    expect(openJob(folder).plan.chunks).toBe(2);
  });

  it("a driver on another machine: one that goes on saying so has the folder, one that does not has left it", async () => {
    const { folder } = await planned(4, { estimator: "permutation", chunks: 2 });
    const path = join(folder, "driver.json");
    let beats = 0;
    const say = () => writeFileSync(path, JSON.stringify({ host: "elsewhere", pid: 7, beats: beats++ }));
    say();
    const alive = setInterval(say, 20);
    const remarks: string[] = [];
    const remark = (text: string) => remarks.push(text);
    const driven = `${folder}: is driven already, by process 7 on elsewhere`;
    await expect(takeDriverLock(folder, { remark, watch: 60 })).rejects.toThrow(driven);
    clearInterval(alive);
    expect(remarks[0]).toContain("process 7 on elsewhere was its driver; for 60 s it is watched whether it still is");
    // However new or old its file says to be.
    for (const time of [1, 9e9]) {
      say();
      utimesSync(path, time, time);
      const release = await takeDriverLock(folder, { remark, watch: 0.05 });
      expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
      release();
    }
    expect(filesIn(folder)).toEqual(["plan.json"]);
  });

  it("links in a chunk's place: one to nothing is a missing chunk, one in a circle is named, one to a whole file is that file", async () => {
    const job = await planned(4, { estimator: "permutation", chunks: 3 });
    await runJob(job.folder, quiet);
    const [path, whole, before] = [chunkPath(job.folder, 1), readFileSync(chunkPath(job.folder, 1)), fresh()];
    renameSync(path, before);
    symlinkSync(before, path);
    expect((await runJob(job.folder, quiet)).done).toEqual([]);
    rmSync(before);
    expect((await runJob(job.folder, quiet)).done).toEqual([1]);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readFileSync(path)).toEqual(whole);
    rmSync(path);
    symlinkSync(path, path);
    await expect(jobStatus(job.folder)).rejects.toThrow(`${path}: can not be read (ELOOP`);
  });

  it("a chunk of a plan whose checksum begins alike", async () => {
    const job = await planned(4, { estimator: "permutation", chunks: 2 });
    await playChunks(job, [0]);
    const other = `${job.hash.slice(0, 60)}${job.hash.endsWith("0000") ? "1111" : "0000"}`;
    const text = readFileSync(chunkPath(job.folder, 0), "latin1").replace(job.hash, other);
    writeFileSync(chunkPath(job.folder, 0), text, "latin1");
    const [{ problem }] = (await jobStatus(job.folder)).damaged;
    expect(problem).toBe(`it is of another plan (${other}; this is ${job.hash})`);
  });

  it("what is no file in a file's place: a folder, or a pipe, which nobody waits for; a note that is none says nothing", async () => {
    const job = await planned(4, { estimator: "permutation", chunks: 3 });
    await runJob(job.folder, quiet);
    const whole = readFileSync(chunkPath(job.folder, 1));
    rmSync(chunkPath(job.folder, 1));
    mkdirSync(chunkPath(job.folder, 1));
    for (const look of [
      () => jobStatus(job.folder),
      () => runJob(job.folder, quiet),
      () => reduceJob(job.folder, quiet),
    ]) {
      await expect(look()).rejects.toThrow(`${chunkPath(job.folder, 1)}: is no file; move it away`);
    }
    rmSync(chunkPath(job.folder, 1), { recursive: true });
    execFileSync("mkfifo", [chunkPath(job.folder, 1)]);
    await expect(jobStatus(job.folder)).rejects.toThrow(/is no file/);
    rmSync(chunkPath(job.folder, 1));
    mkdirSync(join(job.folder, "notes", "00000"), { recursive: true });
    const note = { chunk: 1, state: "running", attempt: "x", done: null, of: 0, seconds: "a", host: 5 };
    writeFileSync(join(job.folder, "notes", "00000", "chunk-0000001.json"), JSON.stringify(note));
    expect(await jobStatus(job.folder)).toMatchObject({ running: [], waiting: [1] });
    // What others wrote does nothing to a terminal.
    const texts = { host: "a\x1b[2Jb", reason: "x\ny\x07", log: null };
    const noted = { ...note, ...texts, state: "failed", attempt: 1, done: 0, of: 1, seconds: 1 };
    writeFileSync(join(job.folder, "notes", "00000", "chunk-0000001.json"), JSON.stringify(noted));
    writeFileSync(chunkPath(job.folder, 2), `${whole.subarray(0, 80).toString("latin1").slice(0, -5)}\x1b[2J 1 2\n`);
    const said = String(await jobStatus(job.folder));
    expect(said).toContain("on a [2Jb: x y ");
    expect(said).toMatch(/ 2 {2}its beginning is damaged/);
    expect(said.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    await runJob(job.folder, quiet);
    expect(readFileSync(chunkPath(job.folder, 1))).toEqual(whole);
  });

  it("changed code of a folder that a module requires", async () => {
    const at = fresh();
    mkdirSync(join(at, "lib"), { recursive: true });
    const code = ["game.cjs", "lib/index.js", "lib/package.json", "more.cjs"].map((name) => join(at, name));
    writeFileSync(
      code[0],
      'const { k } = require("./lib");\nconst more = import(`./more.cjs`);\n' +
        "exports.game = (n) => ({ units: n, value: async (intact) => intact.size * k + (await more).default });\n",
    );
    writeFileSync(code[1], "exports.k = 2;\n");
    writeFileSync(code[2], "{}");
    writeFileSync(code[3], "module.exports = 1;\n");
    const folder = fresh();
    const game = await gameFromSpec({ module: code[0], export: "game", arguments: [4] });
    await planJob(game, { estimator: "permutation", chunks: 2, folder });
    const job = openJob(folder);
    expect(job.plan.files.map(({ path }) => path)).toEqual(code);
    writeFileSync(code[1], "exports.k = 3;\n");
    await expect(playChunks(job, [0])).rejects.toThrow(`${code[1]}: has changed since the job was planned`);
  });

  it("changed code, be it of the module or of what that imports, and changed data: which file", async () => {
    const at = fresh();
    mkdirSync(at);
    const code = ["job-games.mjs", "job-values.mjs"].map((name) => join(at, name));
    for (const path of code) copyFileSync(join(import.meta.dirname, path.slice(at.length + 1)), path);
    const data = join(at, "data.bin");
    writeFileSync(data, "1");
    const game = await gameFromSpec({ module: code[0], export: "vectors", arguments: [4] });
    const options = { estimator: "permutation", chunks: 2, files: [data], folder: fresh() } as const;
    await planJob(game, options);
    const job = openJob(options.folder);
    expect(job.plan.files.map(({ path }) => path)).toEqual([...code, data]);
    for (const path of [...code, data]) {
      const before = readFileSync(path);
      appendFileSync(path, " ");
      await expect(playChunks(job, [0])).rejects.toThrow(`${path}: has changed since the job was planned`);
      rmSync(path);
      await expect(playChunks(job, [0])).rejects.toThrow(`${path}: is gone`);
      writeFileSync(path, before);
    }
    expect(filesIn(join(job.folder)).filter((name) => name.endsWith(".bin"))).toEqual([]);
    await playChunks(job, [0]);
  });

  it("an index out of range", async () => {
    const job = await planned(4, { estimator: "permutation", chunks: 7 });
    for (const index of [-1, 7, 0.5, Number.NaN]) {
      await expect(playChunks(job, [index])).rejects.toThrow(/invalid index; expected 0 to 6: the job has 7 chunks/);
    }
  });

  it("more chunks than blocks, rules that look at the clock, a game that can not be sent, an estimator of one's own", async () => {
    await expect(planned(4, { estimator: "permutation", orderings: 40, chunks: 11 })).rejects.toThrow(
      /invalid chunks; expected at most 10: so many blocks of the work are independent; received 11/,
    );
    await expect(planned(4, { estimator: "permutation", until: { seconds: 3 } })).rejects.toThrow(/seconds of until/);
    await expect(planned(4, { chunks: 2, chunkSeconds: 2 })).rejects.toThrow(/chunks or chunkSeconds, not both/);
    const closure = await gameFrom(3, (intact) => intact.size);
    await expect(planJob(closure, { folder: fresh() })).rejects.toThrow(/one that another process can make/);
  });

  it("too little room on the disk", async () => {
    const options = { estimator: "permutation", orderings: 2 ** 45, chunks: 10 } as const;
    await expect(planned(12, options)).rejects.toThrow(/its disk has too little room: .* take .* GB, .* are free/);
  });

  it("options that there are not", async () => {
    await expect(planJob(await gameOf("vectors", 3), { folder: fresh(), chunk: 3 } as never)).rejects.toThrow(/chunk/);
  });
});

describe("planning", () => {
  it("cuts into chunks of about the time that is wanted", async () => {
    const game = await gameOf("slow", 4, 2);
    const job = await planJob(game, { folder: fresh(), estimator: "permutation", orderings: 4000, chunkSeconds: 10 });
    // A block is 4 orderings of 3 evaluations of 2 ms and more.
    const { seconds_per_block: perBlock, chunks } = job.plan;
    expect(perBlock).toBeGreaterThanOrEqual(0.024);
    const each = (perBlock as number) * (1000 / chunks);
    expect(each).toBeGreaterThan(5);
    expect(each).toBeLessThan(10.1);
  });

  it("says where the game's module is, whatever the folder is then", async () => {
    const { plan } = await planned(4, { estimator: "permutation" });
    expect(plan.game.spec.module).toBe(games);
  });
});
