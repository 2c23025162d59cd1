import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapley } from "../engine/shapley.js";
import { sha256 } from "../files.js";
import { planJob } from "../jobs/plan-job.js";
import { runChunks } from "../jobs/play-chunks.js";
import { reduceJob } from "../jobs/reduce-job.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { toNpz } from "../modes/to-npz.js";
import { packageRoot } from "../package.js";
import { timedCommand } from "./job-parts.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, median, type Question, short } from "./question.js";

const chunks = 8;
const usualRepetitions = 3;
/** Orderings that are played to see how long one takes. */
const tried = 2000;

/** Seconds of this process on a processor, whatever else the machine does. */
async function processorSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** What chunks in files cost, beside what the run itself takes. */
export const jobOverhead: Question = {
  name: "overhead",
  asks: `how much more of a processor's time do ${chunks} chunks of a second take than the same orderings by shapley?`,
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const network = join(packageRoot, "data", "checkpoints", "mlp", "none-200-0.safetensors");
    const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
    try {
      const game = await gameFromFiles({ network, inputs: paperInputs });
      const play = (orderings: number) => shapley(game, { orderings, signal });
      await play(tried);
      const perSecond = tried / (await processorSeconds(() => play(tried)));
      // Whole blocks of four orderings in every chunk.
      const orderings = 4 * chunks * Math.ceil(perSecond / 4);
      const times: { alone: number[]; job: number[]; start: number[] } = { alone: [], job: [], start: [] };
      const checksums = new Set<string>();
      for (let round = 0; round < repetitions; round++) {
        times.alone.push(await processorSeconds(async () => checksums.add(sha256(toNpz(await play(orderings))))));
        const job = join(folder, `job-${round}`);
        await planJob(game, { folder: job, estimator: "permutation", orderings, chunks });
        // The game is made anew, as in a task, which is start-up and no part of chunks.
        const making = await processorSeconds(() => gameFromFiles({ network, inputs: paperInputs }));
        const all = Array.from({ length: chunks }, (_, chunk) => chunk);
        times.job.push((await processorSeconds(() => runChunks(job, all, { signal }))) - making);
        checksums.add(sha256(toNpz((await reduceJob(job, { signal })).modes)));
        rmSync(job, { recursive: true });
        const one = join(folder, `one-${round}`);
        await planJob(game, { folder: one, estimator: "permutation", orderings: 4, chunks: 1 });
        times.start.push(await timedCommand(["job", "chunk", "--folder", one, "--index", "0"], signal));
      }
      if (checksums.size !== 1) throw new Error("the job and shapley give other bytes");
      const [alone, job, start] = [median(times.alone), median(times.job), median(times.start)];
      const more = job / alone - 1;
      return {
        figure: {
          value: job,
          unit: "s",
          of: `of a processor for ${chunks} chunks, ${orderings} orderings of 200 units`,
        },
        baseline: { value: alone, unit: "s", of: "by shapley" },
        ratio: alone / job,
        target: { ratio: 1 / 1.15 },
        lines: [
          `so        ${short(100 * more)} % more`,
          `start     ${short(start)} s on the clock for a task of one block: Node, network and inputs, ${short((100 * start) / 60)} % of a task of a minute`,
          "checked   the bytes of reduce are those of shapley",
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: { orderings, chunks, more, start_seconds: start, same_bytes: true, repetitions },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
