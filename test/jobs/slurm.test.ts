import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed, onTestFinished } from "vitest";
import { jobStatus } from "../../src/jobs/job-status.js";
import { chunkPath } from "../../src/jobs/layout.js";
import { type PlanJobOptions, planJob } from "../../src/jobs/plan-job.js";
import { reduceJob } from "../../src/jobs/reduce-job.js";
import { runJob } from "../../src/jobs/run-job.js";
import { runOnSlurm, type SlurmOptions } from "../../src/jobs/slurm/run-on-slurm.js";
import { packageRoot } from "../../src/package.js";
import { main } from "../helpers/bench.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available } from "../helpers/optional.js";
import { type SlurmNode, slurmInstalled, startSlurm } from "../helpers/slurm.js";
import { alone, bytes, filesIn, gameOf } from "./kit.js";

const units = 6;
const sampling = { estimator: "permutation", orderings: 160, seed: 5 } as const;
const chunks = 8;

describe.runIf(available("Slurm", slurmInstalled()))("on a Slurm of two nodes", () => {
  let slurm: SlurmNode;
  let root: { folder: string; remove(): void };
  let expected: string;
  const before = { ...process.env };
  beforeAll(async () => {
    root = temporaryFolder();
    slurm = await startSlurm({ nodes: 2, cpus: 2, arraySize: chunks + 1 });
    Object.assign(process.env, slurm.environment);
    expected = bytes(await alone(units, sampling));
  });
  afterAll(async () => {
    process.env = before;
    await slurm?.stop();
    root.remove();
  });

  /** Nodes that were not free as a test began, which is told once more at the end: what comes last is what is read. */
  const mended: string[] = [];
  beforeEach(async ({ task }) => {
    const found = await slurm.settle();
    if (found !== "") mended.push(`before "${task.name}":\n${found}`);
    onTestFailed(() => console.error(slurm.report()));
  });
  afterAll(() => {
    if (mended.length > 0) console.error(`Nodes that were not free:\n${mended.join("\n")}`);
  });

  let folders = 0;
  const fresh = () => join(root.folder, `job-${folders++}`);

  /** A job of a game with the values of `vectors`. */
  const planned = async (game: string, given: (string | number)[], more: Partial<PlanJobOptions> = {}) =>
    planJob(await gameOf(game, units, ...given), { folder: fresh(), ...sampling, chunks, ...more });

  /** A job whose tasks wait until they are released. */
  async function held() {
    const gate = join(root.folder, `gate-${folders}`);
    const { folder } = await planned("held", [gate]);
    const release = () => writeFileSync(gate, "");
    onTestFinished(release);
    return { folder, release };
  }

  /** Drives a job as fast as it goes. */
  async function driven(folder: string, options: SlurmOptions = {}) {
    const remarks: string[] = [];
    const run = await runOnSlurm(folder, {
      pollSeconds: 0.3,
      settleSeconds: 0.3,
      perTask: 1,
      ...options,
      onRemark: (text) => {
        remarks.push(text);
        options.onRemark?.(text);
      },
    });
    return { ...run, remarks };
  }

  const result = async (folder: string) => bytes((await reduceJob(folder)).modes);

  /** Elements of the arrays of a job that Slurm remembers, as `array_index STATE`. */
  const elements = (folder: string) =>
    slurm
      .say("squeue", "-h", "-r", "-t", "all", "-o", "%F_%K %T %Z")
      .split("\n")
      .filter((line) => line.endsWith(folder))
      .map((line) => line.split(" "));

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(100);
  }
  const running = (folder: string) => elements(folder).filter(([, state]) => state === "RUNNING");

  it("comes to the bytes of one process, with several chunks a task and at most so many at once", async () => {
    const { folder } = await planned("slow", [3]);
    let most = 0;
    const { failed } = await driven(folder, {
      perTask: 2,
      atOnce: 2,
      onLook: (look) => (most = Math.max(most, look.running)),
    });
    expect(failed).toEqual([]);
    expect(most).toBeLessThanOrEqual(2);
    expect(elements(folder)).toHaveLength(4);
    expect(await result(folder)).toBe(expected);
  });

  it.each(["100%A", "it's", "a #1 b", "%% %j"])(
    "runs in a folder of a name that Slurm would read otherwise, and has its logs there: %s",
    async (name) => {
      const { folder } = await planned("vectors", [], { folder: join(root.folder, name) });
      const { failed } = await driven(folder, { perTask: 4 });
      expect(failed).toEqual([]);
      expect(await result(folder)).toBe(expected);
      expect(filesIn(join(folder, "logs")).filter((path) => /^tasks-0-by-4\/\d+_[01]\.log$/.test(path))).toHaveLength(
        2,
      );
    },
  );

  it("tries tasks again that exit with an error, gives up those that go on doing so, and tells why and where the log is", async () => {
    const file = join(root.folder, "now-there");
    const { folder } = await planned("failing", [file]);
    const { failed, remarks } = await driven(folder, { attempts: 2 });
    expect(failed.map(({ chunk }) => chunk)).toEqual(Array.from({ length: chunks }, (_, chunk) => chunk));
    expect(failed[3].reason).toMatch(/the file is not there yet.*\(Slurm: FAILED, NonZeroExitCode\)/);
    expect(readFileSync(failed[3].log as string, "utf8")).toContain("the file is not there yet");
    expect(remarks.filter((text) => text.endsWith("; tried again"))).toHaveLength(chunks);
    const status = String(await jobStatus(folder));
    expect(status).toMatch(/failed +8/);
    expect(status).toContain(failed[3].log);
    writeFileSync(file, "");
    expect((await driven(folder)).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
  });

  it("does tasks again that were killed with -9", async () => {
    const { folder } = await planned("killed", [join(root.folder, "killed"), 3]);
    const { failed, remarks } = await driven(folder);
    expect(failed).toEqual([]);
    expect(remarks.filter((text) => /it ended without its file/.test(text))).toHaveLength(3);
    expect(await result(folder)).toBe(expected);
  });

  it("does a truncated chunk again, and no other", async () => {
    const { folder } = await planned("vectors", []);
    await runJob(folder);
    truncateSync(chunkPath(folder, 5), 500);
    const { remarks } = await driven(folder);
    expect(remarks).toEqual(["chunk 5 is done again: it is cut off"]);
    expect(elements(folder).map(([id]) => id.split("_")[1])).toEqual(["5"]);
    expect(await result(folder)).toBe(expected);
  });

  it("does an element again that was cancelled as it waited", async () => {
    const { folder, release } = await held();
    const run = driven(folder);
    await until(() => running(folder).length > 0 && elements(folder).some(([, state]) => state === "PENDING"));
    const [id] = elements(folder).find(([, state]) => state === "PENDING") as string[];
    slurm.say("scancel", id);
    release();
    expect((await run).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
  });

  it("ends tasks that are told to cleanly, and goes on with their blocks", async () => {
    const { folder } = await planned("slow", [40]);
    let ended = false;
    const run = driven(folder, { onRemark: () => (ended = true) }).finally(() => (ended = true));
    await until(() => ended || filesIn(folder).some((name) => name.endsWith(".part")));
    // Those that are done by now, or are only starting, do not hear it.
    const tell = ([id]: string[]) => {
      try {
        slurm.say("scancel", "--signal=USR1", "--batch", id);
      } catch {
        // done in this moment
      }
    };
    await until(() => {
      if (!ended) running(folder).forEach(tell);
      return ended || sleep(1000, false);
    });
    const { failed, remarks } = await run;
    expect(failed).toEqual([]);
    expect(remarks.length).toBeGreaterThan(0);
    expect(await result(folder)).toBe(expected);
  });

  it("waits for a controller that was stopped, and goes on", async () => {
    const { folder, release } = await held();
    let mute = false;
    const run = driven(folder, { onRemark: (text) => (mute ||= text.includes("does not answer")) });
    await until(() => running(folder).length > 0);
    await slurm.stopDaemon("slurmctld");
    await until(() => mute);
    release();
    await slurm.start("slurmctld");
    expect((await run).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
  });

  it("may be killed and started again: the driver finds what runs, and submits nothing twice", async () => {
    const { folder, release } = await held();
    const argv = [
      "job",
      "run",
      "--folder",
      folder,
      "--on",
      "slurm",
      "--poll-seconds",
      "0.3",
      "--settle-seconds",
      "0.3",
    ];
    const start = () =>
      spawn(process.execPath, [main, ...argv, "--per-task", "1"], { env: process.env, stdio: "inherit" });
    const first = start();
    await until(() => running(folder).length > 0);
    first.kill("SIGKILL");
    const second = start();
    release();
    expect(await once(second, "exit")).toEqual([0, null]);
    expect(new Set(elements(folder).map(([id]) => id)).size).toBe(chunks);
    expect(await result(folder)).toBe(expected);
  });

  it("leaves its tasks running when it is stopped, and says how to end them", async () => {
    const { folder, release } = await held();
    const abort = new AbortController();
    const run = driven(folder, { signal: abort.signal });
    await until(() => running(folder).length > 0);
    abort.abort();
    await expect(run).rejects.toThrow(/its tasks go on: run the same command again .* scancel --name=shapley-/);
    expect(running(folder).length).toBeGreaterThan(0);
    release();
    expect((await driven(folder)).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
  });

  it("splits an array that is over the limit", async () => {
    const { folder } = await planned("vectors", [], { chunks: 20 });
    expect((await driven(folder)).failed).toEqual([]);
    expect(new Set(elements(folder).map(([id]) => id.split("_")[0])).size).toBe(3);
    expect(await result(folder)).toBe(expected);
  });

  it("follows a task that was requeued", async () => {
    const { folder, release } = await held();
    const run = driven(folder);
    await until(() => running(folder).length > 0);
    const [id] = running(folder)[0];
    slurm.say("scontrol", "requeue", id);
    release();
    expect((await run).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
  });

  it("goes on with the nodes that are left where one is lost: what ran there is done elsewhere", async () => {
    const { folder, release } = await held();
    const run = driven(folder);
    const nodesOf = () => new Set(slurm.say("squeue", "-h", "-t", "running", "-o", "%N").trim().split("\n"));
    await until(() => nodesOf().size === 2);
    await slurm.stopDaemon("slurmd node2");
    slurm.say("scontrol", "update", "nodename=node2", "state=down", "reason=lost");
    release();
    expect((await run).failed).toEqual([]);
    expect(await result(folder)).toBe(expected);
    const [array] = elements(folder)[0][0].split("_");
    expect(slurm.say("scontrol", "show", "job", array)).toMatch(/Restarts=1/);
    await slurm.start("slurmd node2");
  });

  it("stops where rules of `until` hold, and ends the tasks that are left", async () => {
    const until = { standardError: 0.1 };
    const options = { orderings: 2000, until, chunks: 40 };
    const { folder } = await planned("slow", [2], options);
    const { spared } = await driven(folder, { atOnce: 2 });
    expect(spared.length).toBeGreaterThan(0);
    const { orderings } = options;
    expect(await result(folder)).toBe(bytes(await alone(units, { ...sampling, orderings, until })));
    while (elements(folder).some(([, state]) => /RUNNING|PENDING/.test(state))) await sleep(100);
  });

  it("does every line of docs/cluster.md, in order", () => {
    const page = readFileSync(join(packageRoot, "docs", "cluster.md"), "utf8");
    const lines = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.trim().split("\n"));
    expect(lines.length).toBeGreaterThan(9);
    const cwd = join(root.folder, "lines");
    mkdirSync(cwd);
    copyFileSync(
      join(packageRoot, "data", "checkpoints", "mlp", "none-105-0.safetensors"),
      join(cwd, "mlp.safetensors"),
    );
    for (const line of lines) {
      // What was done here before is done by Slurm again.
      if (line.includes("--on slurm")) rmSync(join(cwd, "runs", "mlp", "chunks"), { recursive: true });
      const command = line.replace(/^npx shapley-modes/, `"${process.execPath}" "${main}"`);
      const { status, stderr } = spawnSync("bash", ["-c", command], { cwd, encoding: "utf8" });
      expect(status, `${line}: ${stderr}`).toBe(0);
    }
    const analyse = "analyse --network mlp.safetensors --inputs mnist-test:0-1023 --orderings 2000 --out alone.npz";
    spawnSync(process.execPath, [main, ...analyse.split(" ")], { cwd });
    expect(readFileSync(join(cwd, "part.npz"))).toEqual(readFileSync(join(cwd, "alone.npz")));
  });

  it("passes on Slurm's own words where there is no such partition, before anything runs", async () => {
    const { folder } = await planned("vectors", []);
    await expect(driven(folder, { partition: "nowhere" })).rejects.toThrow(
      /Slurm takes no array: .*invalid partition/i,
    );
    expect(elements(folder)).toEqual([]);
    await expect(driven(folder, { time: "1; rm" })).rejects.toThrow(/invalid time/);
  });
});
