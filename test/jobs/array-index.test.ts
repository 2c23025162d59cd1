import { describe, expect, it } from "vitest";
import { chunksOfTask, indexVariables, tasksOf } from "../../src/jobs/array-index.js";
import type { Job } from "../../src/jobs/job.js";
import { waitRemarks } from "../../src/jobs/slurm/waits.js";
import { fc } from "../helpers/properties.js";

const jobOf = (chunks: number) => ({ plan: { chunks } }) as Job;

describe("the index of a task", () => {
  it("is taken from the environment of any array engine, and an index that is given goes before", () => {
    for (const [name, { first }] of Object.entries(indexVariables)) {
      expect(chunksOfTask(jobOf(9), {}, { [name]: String(first + 4) })).toEqual([4]);
      expect(chunksOfTask(jobOf(9), { index: 2 }, { [name]: String(first + 4) })).toEqual([2]);
    }
    // What Grid Engine says outside of an array.
    expect(() => chunksOfTask(jobOf(9), {}, { SGE_TASK_ID: "undefined" })).toThrow(/invalid index/);
    expect(() => chunksOfTask(jobOf(9), {}, { PBS_ARRAY_INDEX: "x" })).toThrow(/invalid PBS_ARRAY_INDEX/);
  });

  it("is asked for where an engine runs within another one's task, unless both say the same", () => {
    const both = { SLURM_ARRAY_TASK_ID: "0", HQ_TASK_ID: "3" };
    expect(() => chunksOfTask(jobOf(9), {}, both)).toThrow(
      'invalid index; expected --index, where several engines say another number each; received "SLURM_ARRAY_TASK_ID=0, HQ_TASK_ID=3"',
    );
    expect(chunksOfTask(jobOf(9), { index: 3 }, both)).toEqual([3]);
    expect(chunksOfTask(jobOf(9), {}, { PBS_ARRAY_INDEX: "3", SGE_TASK_ID: "4" })).toEqual([3]);
    expect(() => chunksOfTask(jobOf(1), { index: 1 }, {})).toThrow("expected 0 to 0: the job has 1 chunk; received 1");
  });

  it("with several chunks a task and an offset does every chunk once", () => {
    const cases = fc.record({
      chunks: fc.integer({ min: 1, max: 200 }),
      perTask: fc.integer({ min: 1, max: 20 }),
      most: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(cases, ({ chunks, perTask, most }) => {
        const tasks = tasksOf(jobOf(chunks), perTask);
        const all = Array.from({ length: tasks }, (_, task) => {
          const offset = Math.floor(task / most) * most;
          return chunksOfTask(jobOf(chunks), { index: task - offset, offset, perTask }, {});
        });
        expect(all.flat()).toEqual(Array.from({ length: chunks }, (_, chunk) => chunk));
        expect(() => chunksOfTask(jobOf(chunks), { index: tasks, perTask }, {})).toThrow(
          /invalid index; expected 0 to/,
        );
      }),
    );
  });
});

describe("tasks that wait", () => {
  it("are told of where it is for more than their turn, each array and reason once", () => {
    const element = (array: string, state: string, reason: string) => ({ array, index: 0, state, reason, comment: "" });
    const over = element("8", "PENDING", "PartitionTimeLimit");
    const elements = [
      element("7", "PENDING", "Resources"),
      element("7", "RUNNING", "None"),
      over,
      over,
      element("9", "PENDING", "JobHeldUser"),
    ];
    expect(waitRemarks(elements, "shapley-1")).toEqual([
      expect.stringMatching(/^Slurm lets tasks of 8 wait \(PartitionTimeLimit\); .*scancel --name=shapley-1/),
      "Slurm holds tasks of 9 back (JobHeldUser); scontrol release 9 lets them go",
    ]);
  });
});
