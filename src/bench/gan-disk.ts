import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allIntact } from "../coalitions/coalition.js";
import { planToDisk } from "../engine/disk-plan.js";
import { shapleyToDisk } from "../engine/shapley-to-disk.js";
import { partOf } from "../games/part.js";
import { generatorGame } from "../lesion/generator-game.js";
import { faces, ganCase, ganParts } from "./gan-parts.js";
import { type Answer, type Question, short } from "./question.js";

/** Two chunks of a part, so that there are sums of both. */
const orderings = 32;
const memory = 5e8;

/** Whether modes that go to disk take the memory that was stated before. */
export const ganDisk: Question = {
  name: "disk",
  asks: "how much memory do Shapley Modes take that are written to disk, beside what was stated before the run?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const { generator, latents } = await ganParts();
    const game = generatorGame(generator, { latents });
    const options = { estimator: "antithetic", orderings, seed: 1, memory, signal, onRemark: () => {} } as const;
    const plan = planToDisk(game, options);
    const folder = mkdtempSync(join(tmpdir(), "bench-gan-"));
    try {
      await partOf(game, 0, plan.rows).evaluate(allIntact(game.units.length));
      const before = process.memoryUsage.rss();
      const stored = await shapleyToDisk(game, join(folder, "modes.zarr"), options);
      const taken = process.resourceUsage().maxRSS * 1024 - before;
      const gap = await stored.efficiencyGap();
      if (gap > 1e-5) throw new Error(`the modes on disk do not add up: ${gap}`);
      const megabytes = (bytes: number) => bytes / 1e6;
      return {
        figure: { value: megabytes(taken), unit: "MB", of: `taken at the peak, ${ganCase}` },
        baseline: {
          value: megabytes(plan.memory),
          unit: "MB",
          of: `stated before: ${plan.rows} of ${faces} images at a time`,
        },
        ratio: plan.memory / taken,
        lines: [
          `allowed   ${megabytes(memory)} MB, so ${plan.parts} parts`,
          `whole     the modes and their errors are ${short(megabytes(16 * game.units.length * 3 * 64 * 64 * faces))} MB in double precision`,
          `checked   the modes read back add up to the images: gap ${gap.toExponential(1)}`,
        ],
        numbers: { stated: plan.memory, taken, rows: plan.rows, parts: plan.parts, gap },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
