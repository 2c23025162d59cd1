import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { openJob } from "../../src/jobs/job.js";
import { readNote, writeNote } from "../../src/jobs/notes.js";
import { keptOf } from "../../src/jobs/part-files.js";
import { planJob } from "../../src/jobs/plan-job.js";
import { reduceJob } from "../../src/jobs/reduce-job.js";
import { packageRoot } from "../../src/package.js";
import { main } from "../helpers/bench.js";
import { temporaryFolder } from "../helpers/folders.js";
import { killedUntilDone } from "./kills.js";
import { alone, bytes, filesIn, gameOf, isRunning } from "./kit.js";

const root = temporaryFolder();
afterAll(root.remove);
let folders = 0;
const fresh = () => join(root.folder, `job-${folders++}`);

const job = (argv: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [main, "job", ...argv], {
    encoding: "utf8",
    cwd: root.folder,
    env: { ...process.env, ...env },
  });

const options = { estimator: "permutation", orderings: 120, seed: 4 } as const;
const planned = async (milliseconds: number, chunks: number) => {
  const folder = fresh();
  await planJob(await gameOf("slow", 6, milliseconds), { folder, ...options, chunks });
  return folder;
};
const expected = async () => bytes(await alone(6, options));
const result = async (folder: string) => bytes((await reduceJob(folder)).modes);

describe("the command job", () => {
  const network = join(packageRoot, "data", "checkpoints", "mlp", "l2-10-0.safetensors");
  const analysed = [
    "--network",
    network,
    "--inputs",
    "mnist-test:0-63",
    "--estimator",
    "antithetic",
    "--orderings",
    "50",
  ];

  it("comes to the file of analyse, byte for byte: planned, done by array tasks and by threads, reduced", () => {
    const folder = fresh();
    const planning = job(["plan", ...analysed, "--chunks", "5", "--folder", folder]);
    expect(planning.status, planning.stderr).toBe(0);
    expect(planning.stdout).toMatch(/5 chunks of 2 or 3 blocks\n.*antithetic.*\nnext: shapley-modes job run/);
    for (const [name, index] of Object.entries({ SLURM_ARRAY_TASK_ID: "3", SGE_TASK_ID: "2" })) {
      const done = job(["chunk", "--folder", folder], { [name]: index });
      expect(done.stdout).toMatch(name === "SGE_TASK_ID" ? /chunk 1 done/ : /chunk 3 done/);
    }
    const ran = job(["run", "--folder", folder, "--workers", "2"]);
    expect(ran.stdout).toMatch(/3 chunks done, all are there\nnext: shapley-modes job reduce/);
    expect(job(["run", "--folder", folder]).stdout).toBe(
      `${folder}: all chunks are done\nnext: shapley-modes job reduce --folder ${folder} --out modes.npz\n`,
    );
    expect(job(["status", "--folder", folder]).stdout).toMatch(
      /5 of 5 chunks, 100 %.*\n +error +largest standard error 0\.\d+\nnext: .*job reduce/,
    );
    const reduced = job(["reduce", "--folder", folder, "--out", "of-job.npz"]);
    expect(reduced.stdout).toMatch(/of-job\.npz: 10 units x \[10\], 50 orderings\n/);
    spawnSync(process.execPath, [main, "analyse", ...analysed, "--out", "alone.npz"], { cwd: root.folder });
    expect(readFileSync(join(root.folder, "of-job.npz"))).toEqual(readFileSync(join(root.folder, "alone.npz")));
  });

  it("says what comes next so that a shell can take it, and one chunk is no chunks", () => {
    const folder = `${fresh()} it's new`;
    const one = ["--game", "one.mjs#one", "--orderings", "4", "--folder", folder];
    writeFileSync(
      join(root.folder, "one.mjs"),
      "export const one = () => ({ units: 1, value: ({ size }) => size });\n",
    );
    const shell = folder.replace("'", "'\\''");
    const planning = job(["plan", ...one]);
    expect(planning.stdout, planning.stderr).toMatch(/: 1 chunk of 1 block, each .*\n.* evaluations of 1 unit; /);
    expect(planning.stdout).toContain(`next: shapley-modes job run --folder '${shell}' --on local|slurm\n`);
    const ran = job(["run", "--folder", folder]).stdout;
    expect(ran).toContain(
      `1 chunk done, all are there\nnext: shapley-modes job reduce --folder '${shell}' --out modes.npz\n`,
    );
    expect(job(["reduce", "--folder", folder, "--out", "one.npz"]).stdout).toMatch(/^one\.npz: 1 unit, 4 orderings\n/);
  });

  it("plans a game of TypeScript where Node runs that, and else says what to do", () => {
    writeFileSync(
      join(root.folder, "shop.mts"),
      "export const shop = (n: number) => ({ units: n, value: ({ size }: { size: number }) => size ** 2 });\n",
    );
    const { status, stderr } = job(["plan", "--game", "shop.mts#shop", "--arguments", "[4]", "--folder", fresh()]);
    if ("typescript" in process.features && process.features.typescript) return expect(status, stderr).toBe(0);
    expect(stderr).toMatch(
      /^error: \.\/shop\.mts: can not be imported \(Node .* name the JavaScript that tsc makes of it/,
    );
    expect(status).toBe(1);
  });

  it("refuses an index out of range, none at all, an output in the way, and resources where there is no engine", async () => {
    const folder = await planned(0, 3);
    const problem = (...argv: string[]) => job(argv).stderr;
    expect(problem("chunk", "--folder", folder, "--index", "3")).toBe(
      "error: invalid index; expected 0 to 2: the job has 3 chunks; received 3\n",
    );
    expect(problem("chunk", "--folder", folder)).toMatch(
      /invalid index; expected --index, or one of SLURM_ARRAY_TASK_ID/,
    );
    expect(problem("chunk", "--folder", root.folder, "--index", "0")).toMatch(
      /is no folder of a job: there is no plan/,
    );
    expect(problem("run", "--folder", folder, "--partition", "gpu")).toMatch(
      /invalid partition; expected none with --on local/,
    );
    expect(problem("reduce", "--folder", folder, "--out", "x.txt")).toMatch(/x\.txt/);
    expect(problem("reduce", "--folder", folder, "--out", "x.npz")).toMatch(
      /of 3 chunks 3 missing \(0-2\); `job run` does them/,
    );
    expect(filesIn(folder)).toEqual(["plan.json"]);
  });

  it("says what to do where there is no sbatch", async () => {
    const folder = await planned(0, 2);
    const { status, stderr } = job(["run", "--folder", folder, "--on", "slurm"], { PATH: "/nowhere" });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: Slurm's \w+ is not available; run this on a machine of the cluster .*job script.*\n$/,
    );
  });

  it("keeps what is done where a task is told to end, by SIGTERM or SIGUSR1", async () => {
    const folder = await planned(10, 1);
    const blocks = () => keptOf(openJob(folder), [0])[0]?.done ?? 0;
    for (const [signal, code] of [
      ["SIGTERM", 130],
      ["SIGUSR1", 1],
    ] as const) {
      const task = spawn(process.execPath, [main, "job", "chunk", "--folder", folder, "--index", "0"], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = once(task, "close");
      let said = "";
      task.stderr.on("data", (part: Buffer) => (said += part.toString()));
      const before = blocks();
      while (blocks() < before + 2 && isRunning(task)) await sleep(20);
      task.kill(signal);
      expect(await ended).toEqual([code, null]);
      expect(said).toContain(`told to end by ${signal}`);
      expect(said).toContain("every block that was done is kept: the same command goes on from there");
      expect(readNote(folder, 0)).toMatchObject({ state: "stopped", of: 30 });
    }
    expect(readNote(folder, 0)?.done).toBeGreaterThan(1);
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(await result(folder)).toBe(await expected());
  });
});

/** Whether disks can be mounted here that no other process sees. */
const mayMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

describe("on one machine, whatever happens to a job", () => {
  it("forgets the note of a chunk whose process was killed once the chunk was there", async () => {
    const folder = await planned(0, 3);
    expect(job(["chunk", "--folder", folder, "--index", "1"]).status).toBe(0);
    writeNote(folder, { chunk: 1, state: "running", attempt: 1, done: 9, of: 10, seconds: 1, reason: null, log: null });
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(filesIn(folder).filter((name) => name.startsWith("notes"))).toEqual([]);
  });

  it("is killed with -9 at random moments", async () => {
    let kills = 0;
    for (let seed = 0; seed < 3; seed++) kills += await killedUntilDone(fresh(), seed);
    expect(kills).toBeGreaterThan(0);
  });

  it("finds the disk full: it says so, keeps what is there, and goes on once there is room", async () => {
    const folder = await planned(0, 2);
    const full = spawnSync(
      "bash",
      ["-c", `ulimit -f 2; exec "${process.execPath}" "${main}" job run --folder "${folder}"`],
      { encoding: "utf8" },
    );
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/chunk-0000000\.bin: can not be written \(EFBIG.*; make room and do the chunk again/);
    expect(filesIn(folder).filter((name) => name.endsWith(".bin"))).toEqual([]);
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(await result(folder)).toBe(await expected());
  });

  it("may not write in its folder: one line says so", async () => {
    const folder = await planned(0, 2);
    // Root may write where nobody else may: a file in a folder's place stops it too.
    writeFileSync(join(folder, "chunks"), "");
    const { status, stderr } = job(["run", "--folder", folder]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*chunk-0000000\.bin: can not be written \(.*\)\n$/);
    rmSync(join(folder, "chunks"));
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(await result(folder)).toBe(await expected());
  });

  it.runIf(mayMount)(
    "is on a disk that fills up, and then takes no more: what is there can be looked at and reduced",
    async () => {
      const folder = await planned(0, 4);
      // A disk of its own, which no other process sees and nothing remains of.
      const script = `set -e
        mkdir disk; mount -t tmpfs -o size=64k tmpfs disk; cp -r "${folder}" disk/job
        head -c 53000 /dev/zero > disk/others
        "$0" "${main}" job run --folder disk/job 2> full && exit 1
        rm disk/others; "$0" "${main}" job run --folder disk/job > /dev/null
        mount -o remount,ro disk
        "$0" "${main}" job status --folder disk/job
        "$0" "${main}" job run --folder disk/job 2> read-only && exit 1
        "$0" "${main}" job reduce --folder disk/job --out of-disk.npz`;
      const cwd = join(root.folder, "disks");
      mkdirSync(cwd);
      const { status, stdout, stderr } = spawnSync("unshare", ["-m", "bash", "-c", script, process.execPath], {
        cwd,
        encoding: "utf8",
      });
      expect(status, stderr).toBe(0);
      expect(stdout).toContain("4 of 4 chunks");
      const problem = (name: string) => readFileSync(join(cwd, name), "utf8");
      expect(problem("full")).toMatch(
        /^error: .*: can not be written \(ENOSPC.*; make room and do the chunk again.*\n$/,
      );
      expect(problem("read-only")).toMatch(/^error: .*driver\.lock: can not be written \(EROFS.*\)\n$/);
      expect(Buffer.from(readFileSync(join(cwd, "of-disk.npz"))).toString("base64")).toBe(await expected());
    },
  );

  it("has two drivers at once: the second says who the first is, and where that is killed, takes over", async () => {
    const folder = fresh();
    const gate = `${folder}.gate`;
    await planJob(await gameOf("held", 6, gate), { folder, ...options, chunks: 6 });
    const first = spawn(process.execPath, [main, "job", "run", "--folder", folder], { stdio: "ignore" });
    const ended = once(first, "exit");
    while (!filesIn(folder).includes("driver.json") && isRunning(first)) await sleep(20);
    const second = job(["run", "--folder", folder]);
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`is being written already, by process ${first.pid}`);
    first.kill("SIGKILL");
    await ended;
    writeFileSync(gate, "");
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(await result(folder)).toBe(await expected());
  });

  it("sees its clock jump", async () => {
    const folder = await planned(0, 6);
    for (const [index, seconds] of [1e9, 4e9, 1, 2e9].entries()) {
      expect(job(["chunk", "--folder", folder, "--index", String(index)]).status).toBe(0);
      const path = join(folder, "chunks", "00000", `chunk-000000${index}.bin`);
      utimesSync(path, seconds, seconds);
    }
    mkdirSync(join(folder, "notes", "00000"), { recursive: true });
    const note = join(folder, "notes", "00000", "chunk-0000004.json");
    writeFileSync(
      note,
      JSON.stringify({
        chunk: 4,
        state: "running",
        attempt: 1,
        host: "x",
        pid: 1,
        done: 1,
        of: 5,
        seconds: -3,
        reason: null,
        log: null,
      }),
    );
    utimesSync(note, 9e9, 9e9);
    const { status, stdout } = job(["status", "--folder", folder]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/4 of 6 chunks/);
    expect(stdout).not.toMatch(/NaN|-\d+ s|Infinity/);
    expect(job(["run", "--folder", folder]).status).toBe(0);
    expect(await result(folder)).toBe(await expected());
  });
});
