import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapley } from "../engine/shapley.js";
import { sha256 } from "../files.js";
import { jobStatus } from "../jobs/job-status.js";
import { planJob } from "../jobs/plan-job.js";
import { reduceJob } from "../jobs/reduce-job.js";
import { runJob } from "../jobs/run-job.js";
import { toNpz } from "../modes/to-npz.js";
import { quickGame } from "./job-parts.js";
import { type Answer, type Question, short } from "./question.js";

const chunks = 10_000;
const units = 10;

/** What many small files cost. */
export const jobFiles: Question = {
  name: "files",
  asks: `how long do ${chunks.toLocaleString("en")} chunks take that are next to no work, so what their files take?`,
  async answer(signal: AbortSignal): Promise<Answer> {
    const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
    try {
      const game = await quickGame(units);
      const options = { estimator: "permutation", orderings: 4 * chunks, seed: 1 } as const;
      const timed = async <T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> => {
        const start = performance.now();
        const result = await work();
        return [(performance.now() - start) / 1000, result];
      };
      const [alone, modes] = await timed(() => shapley(game, { ...options, signal }));
      await planJob(game, { ...options, folder: join(folder, "job"), chunks });
      const job = join(folder, "job");
      const [ran] = await timed(() => runJob(job, { signal }));
      const [looked] = await timed(() => jobStatus(job));
      const [again] = await timed(() => runJob(job, { signal }));
      const [folded, reduced] = await timed(() => reduceJob(job, { signal }));
      if (sha256(toNpz(reduced.modes)) !== sha256(toNpz(modes))) throw new Error("the job gives other bytes");
      const folders = readdirSync(join(job, "chunks"));
      return {
        figure: { value: ran, unit: "s", of: "to do all of them in one process, every file flushed to the disk" },
        baseline: { value: alone, unit: "s", of: "by shapley, without files" },
        ratio: alone / ran,
        lines: [
          `each      ${short((1000 * (ran - alone)) / chunks)} ms for a chunk's file: written, flushed, renamed, its folder flushed`,
          `status    ${short(looked)} s, the largest standard error of all chunks included`,
          `run again ${short(again)} s to see that nothing is left to do, every byte checked`,
          `reduce    ${short(folded)} s: ${short(chunks / folded)} chunks a second`,
          `folders   ${folders.length}, of 100 files each`,
          "checked   the bytes are those of shapley",
        ],
        numbers: {
          chunks,
          status_seconds: looked,
          again_seconds: again,
          reduce_seconds: folded,
          folders: folders.length,
          same_bytes: true,
        },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
