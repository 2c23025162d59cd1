import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { jobScript, scriptEngines } from "../../src/jobs/job-script.js";
import { planJob } from "../../src/jobs/plan-job.js";
import { reduceJob } from "../../src/jobs/reduce-job.js";
import { temporaryFolder } from "../helpers/folders.js";
import { alone, bytes, gameOf } from "./kit.js";

const root = temporaryFolder();
afterAll(root.remove);

describe("scripts for array engines", () => {
  it("do every chunk when each element is run with the engine's variable, in a folder whose name the shell would read otherwise", async () => {
    const folder = join(root.folder, "it's a $job");
    const options = { estimator: "permutation", orderings: 40, seed: 2 } as const;
    await planJob(await gameOf("vectors", 5), { folder, ...options, chunks: 5 });
    const elements: Record<string, (script: string) => string[]> = {
      slurm: (script) =>
        [0, 1, 2].map((index) => `export SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=${index}\n${script}`),
      pbs: (script) => [0, 1, 2].map((index) => `export PBS_ARRAY_INDEX=${index}\n${script}`),
      // What `hq` would run, by a function of its name.
      hyperqueue: (script) =>
        [0, 1, 2].map(
          (index) =>
            `export HQ_TASK_ID=${index}\nhq() { while [ "$1" != -- ]; do shift; done; shift; "$@"; }\n${script}`,
        ),
      kubernetes: (script) => {
        const [, line] = /args:\n +- (".*")\n/.exec(script) as RegExpExecArray;
        return [0, 1, 2].map((index) => `export JOB_COMPLETION_INDEX=${index}\n${JSON.parse(line)}`);
      },
    };
    for (const engine of scriptEngines) {
      rmSync(join(folder, "chunks"), { recursive: true, force: true });
      mkdirSync(join(folder, "logs"), { recursive: true });
      const script = jobScript(folder, engine, {
        perTask: 2,
        setup: ["export HELLO='a b'", 'test "$HELLO" = "a b"'],
        atOnce: 2,
      });
      for (const element of elements[engine](script)) {
        const { status, stderr } = spawnSync("bash", ["-e"], { input: element, encoding: "utf8" });
        expect(status, `${engine}: ${stderr}`).toBe(0);
      }
      expect(bytes((await reduceJob(folder)).modes)).toBe(bytes(await alone(5, options)));
    }
  });

  it("ask for the resources, in each engine's words", async () => {
    const folder = join(root.folder, "plain");
    await planJob(await gameOf("vectors", 5), { folder, estimator: "permutation", chunks: 100 });
    const resources = {
      partition: "gpu",
      account: "lab",
      time: "2:00:00",
      memory: "4G",
      gpus: "1",
      workers: 3,
      atOnce: 8,
      perTask: 1,
    };
    const all = { command: "shapley-modes", ...resources };
    const slurm = jobScript(folder, "slurm", all);
    for (const option of [
      "array=0-99%8",
      "partition=gpu",
      "account=lab",
      "time=2:00:00",
      "mem=4G",
      "gpus-per-task=1",
      "cpus-per-task=3",
      "requeue",
      "export=NIL",
    ]) {
      expect(slurm).toContain(`#SBATCH --${option}\n`);
    }
    expect(slurm).toMatch(/\nexec shapley-modes job chunk --folder .* --workers 3 --log /);
    const pbs = jobScript(folder, "pbs", all);
    for (const option of [
      "-J 0-99%8",
      "-q gpu",
      "-A lab",
      "-l walltime=2:00:00",
      "-l select=1:ncpus=3:mem=4G:ngpus=1",
    ]) {
      expect(pbs).toContain(`#PBS ${option}\n`);
    }
    expect(jobScript(folder, "hyperqueue", all)).toMatch(/hq submit --array 0-99 --cpus 3 .*--time-limit 2:00:00/);
    expect(jobScript(folder, "hyperqueue", all)).toContain('--index "$HQ_TASK_ID"');
    const kubernetes = jobScript(folder, "kubernetes", all);
    for (const line of ["completions: 100", "parallelism: 8", 'cpu: "3"', 'memory: "4G"', 'nvidia.com/gpu: "1"'])
      expect(kubernetes).toContain(line);
    expect(() => jobScript(folder, "slurm", { time: "1 h" })).toThrow(/invalid time; expected as the engine writes it/);
    expect(() => jobScript(folder, "slurm", { nodes: 3 } as never)).toThrow(/nodes/);
  });

  it("refuses a folder that a line of a script would not stay within, before anything is written", async () => {
    const folder = join(root.folder, "a\n#SBATCH --uid=0");
    await planJob(await gameOf("vectors", 5), { folder, estimator: "permutation", chunks: 2 });
    for (const engine of ["slurm", "pbs"] as const) {
      expect(() => jobScript(folder, engine)).toThrow(/invalid folder; expected a name without line breaks/);
    }
    for (const engine of ["hyperqueue", "kubernetes"] as const)
      expect(jobScript(folder, engine)).toContain("job chunk");
  });
});
