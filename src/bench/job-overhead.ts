import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapley } from "../engine/shapley.js";
import { sha256 } from "../files.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { packageRoot } from "../package.js";
import { timedCommand } from "./job-parts.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, median, type Question, short } from "./question.js";

const chunks = 8;
const usualRepetitions = 3;
/** Orderings that are played to see how long one takes. */
const tried = 2000;

/** What chunks in files cost, beside what the run itself takes. */
export const jobOverhead: Question = {
  name: "overhead",
  asks: `how much longer do ${chunks} chunks of a second take in one task of an array than the same orderings by analyse?`,
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const network = join(packageRoot, "data", "checkpoints", "mlp", "none-200-0.safetensors");
    const files = ["--network", network, "--inputs", paperInputs];
    const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
    try {
      const game = await gameFromFiles({ network, inputs: paperInputs });
      await shapley(game, { orderings: 200, signal });
      const start = performance.now();
      await shapley(game, { orderings: tried, signal });
      const perSecond = (1000 * tried) / (performance.now() - start);
      // Whole blocks of four orderings in every chunk.
      const orderings = 4 * chunks * Math.ceil(perSecond / 4);
      const sampling = [...files, "--estimator", "permutation"];
      const times: { alone: number[]; task: number[]; start: number[] } = { alone: [], task: [], start: [] };
      const out = (name: string) => join(folder, `${name}.npz`);
      for (let round = 0; round < repetitions; round++) {
        const job = join(folder, `job-${round}`);
        const one = join(folder, `one-${round}`);
        await timedCommand(
          ["job", "plan", ...sampling, "--orderings", `${orderings}`, "--chunks", `${chunks}`, "--folder", job],
          signal,
        );
        await timedCommand(["job", "plan", ...sampling, "--orderings", "4", "--chunks", "1", "--folder", one], signal);
        const analyse = ["analyse", ...sampling, "--orderings", `${orderings}`, "--out", out("alone")];
        times.alone.push(await timedCommand(analyse, signal));
        times.task.push(
          await timedCommand(["job", "chunk", "--folder", job, "--per-task", `${chunks}`, "--index", "0"], signal),
        );
        times.start.push(await timedCommand(["job", "chunk", "--folder", one, "--index", "0"], signal));
        await timedCommand(["job", "reduce", "--folder", job, "--out", out("job")], signal);
        const same = sha256(readFileSync(out("job"))) === sha256(readFileSync(out("alone")));
        if (!same) throw new Error("the job and analyse give other bytes");
        rmSync(job, { recursive: true });
      }
      const [alone, task, begin] = [median(times.alone), median(times.task), median(times.start)];
      // Of a chunk of a minute in a task of its own: starting, reading network and inputs, and its share of what files cost.
      const perSecondOfWork = Math.max(0, task - alone) / chunks;
      const ofMinute = (begin + 60 * perSecondOfWork) / 60;
      return {
        figure: { value: task, unit: "s", of: `a task of ${chunks} chunks, ${orderings} orderings of 200 units` },
        baseline: { value: alone, unit: "s", of: "analyse with the same orderings" },
        ratio: alone / task,
        target: { ratio: 1 / 1.15 },
        lines: [
          `so        chunks of a second take ${short((100 * task) / alone - 100)} % more`,
          `start     ${short(begin)} s for a task of one block: Node, network and inputs, which is ${short((100 * begin) / 60)} % of a chunk of a minute in a task of its own`,
          `a minute  ${short(100 * ofMinute)} % more, by arithmetic: the start, and sixty times what a second of chunks took more`,
          "checked   the bytes of reduce are those of analyse",
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: { orderings, chunks, start_seconds: begin, share_of_minute: ofMinute, same_bytes: true, repetitions },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
