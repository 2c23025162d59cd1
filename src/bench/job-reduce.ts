import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapley } from "../engine/shapley.js";
import { sha256 } from "../files.js";
import { chunkPath } from "../jobs/layout.js";
import { planJob } from "../jobs/plan-job.js";
import { reduceJob } from "../jobs/reduce-job.js";
import { runJob } from "../jobs/run-job.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { toNpz } from "../modes/to-npz.js";
import { packageRoot } from "../package.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const orderings = 20_000;
const chunks = 100;
const usualRepetitions = 3;

/** How fast chunks are folded. */
export const jobReduce: Question = {
  name: "reduce",
  asks: `how long does it take to fold the chunks of ${orderings.toLocaleString("en")} orderings of 200 units, every byte checked?`,
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
    try {
      const network = join(packageRoot, "data", "checkpoints", "mlp", "none-200-0.safetensors");
      const game = await gameFromFiles({ network, inputs: paperInputs });
      const options = { estimator: "permutation", orderings, seed: 1 } as const;
      const job = join(folder, "job");
      await planJob(game, { ...options, folder: job, chunks });
      await runJob(job, { signal });
      const checksums = new Set<string>();
      const times = await medianTimes(
        repetitions,
        {
          reduce: async () => checksums.add(sha256(toNpz((await reduceJob(job, { signal })).modes))),
          play: async () => checksums.add(sha256(toNpz(await shapley(game, { ...options, signal })))),
        },
        signal,
      );
      if (checksums.size !== 1) throw new Error("the job and shapley give other bytes");
      let bytes = 0;
      for (let chunk = 0; chunk < chunks; chunk++) bytes += statSync(chunkPath(job, chunk)).size;
      return {
        figure: { value: times.reduce / 1000, unit: "s", of: `for ${short(bytes / 1e6)} MB in ${chunks} files` },
        baseline: { value: times.play / 1000, unit: "s", of: "to play the orderings" },
        ratio: times.play / times.reduce,
        lines: [
          `so        ${short(bytes / 1e3 / times.reduce)} MB a second`,
          "checked   the bytes are those of shapley",
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: {
          orderings,
          chunks,
          bytes,
          megabytes_per_second: bytes / 1e3 / times.reduce,
          same_bytes: true,
          repetitions,
        },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
