import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expertsGame } from "../decoders/experts-game.js";
import { byteTasks } from "../experiments/experts/byte-tasks.js";
import { decoderCheckpoint } from "../experiments/experts/checkpoints.js";
import { gameFromSpec } from "../games/from-spec.js";
import type { Game } from "../games/game.js";
import { openJob } from "../jobs/job.js";
import { chunkPath } from "../jobs/layout.js";
import { planJob } from "../jobs/plan-job.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { builtModule, packageRoot } from "../package.js";
import { timedCommand } from "./job-parts.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, type Question, short } from "./question.js";

const checkpoints = join(packageRoot, "data", "checkpoints");

/** The games, each as another process makes it, and orderings of the smallest chunk. */
const games: Readonly<Record<string, { orderings: number; game(): Promise<Game> }>> = {
  "sweep: an MLP of 200 units, 1024 images": {
    orderings: 800,
    game: () => gameFromFiles({ network: join(checkpoints, "mlp", "none-200-0.safetensors"), inputs: paperInputs }),
  },
  "GAN: a generator of one face, 16 x 16": {
    orderings: 16,
    game: () =>
      gameFromSpec({
        module: builtModule("bench/job-parts"),
        export: "facesOf",
        arguments: [join(checkpoints, "gan", "faces-16.safetensors")],
      }),
  },
  "experts: a decoder of bytes, a question of each task": {
    orderings: 4,
    game: async () => expertsGame(await decoderCheckpoint(), byteTasks({ questions: 1 }), { score: "log-probability" }),
  },
};

/** Sizes of the chunks, in those of the smallest. */
const sizes = [1, 2, 4];

/** A task of one chunk. */
interface Task {
  readonly evaluations: number;
  readonly bytes: number;
  /** On a processor, start and all. */
  readonly seconds: number;
}

/** What a task costs: its start, and each evaluation. */
export const jobCosts: Question = {
  name: "costs",
  asks: "what does a task of one chunk take of a processor: a time to start, and one for each evaluation?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
    try {
      const fits = [];
      for (const [name, { orderings, game }] of Object.entries(games)) {
        const made = await game();
        const tasks: Task[] = [];
        for (const size of sizes) {
          const job = join(folder, `${fits.length}-${size}`);
          await planJob(made, { folder: job, estimator: "permutation", orderings: size * orderings, chunks: 1 });
          const { processor } = await timedCommand(["job", "chunk", "--folder", job, "--index", "0"], signal);
          const { evaluations } = openJob(job).blocks;
          tasks.push({ evaluations, bytes: statSync(chunkPath(job, 0)).size, seconds: processor });
        }
        fits.push({ name, units: made.units.length, tasks, ...lineThrough(tasks) });
      }
      const [first] = fits;
      return {
        figure: { value: first.start, unit: "s", of: `to start a task, of the ${first.name}` },
        baseline: { value: first.tasks[sizes.length - 1].seconds, unit: "s", of: "its longest task in all" },
        ratio: first.tasks[sizes.length - 1].seconds / first.start,
        lines: fits.flatMap(({ name, units, tasks, start, each }) => [
          `${name}, ${units} units: ${short(start)} s + ${short(1e6 * each)} us x evaluations`,
          ...tasks.map(({ evaluations, bytes, seconds }) => {
            const fitted = start + each * evaluations;
            const left = `${short(100 * (seconds / fitted - 1))} % beside the line`;
            return `          ${evaluations} evaluations, ${short(bytes / 1e6)} MB: ${short(seconds)} s, ${left}`;
          }),
        ]),
        numbers: { games: fits.map((fit) => ({ ...fit, tasks: fit.tasks.map((task) => ({ ...task })) })) },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Least squares of relative errors: tasks of all sizes count alike. */
function lineThrough(tasks: readonly Task[]): { start: number; each: number } {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { evaluations: x, seconds: y } of tasks) {
    const weight = 1 / y ** 2;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * y;
    wxy += weight * x * y;
  }
  const each = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return { start: (wy - each * wx) / w, each };
}
