import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pearson } from "../../src/analysis/correlation.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { loadModes } from "../../src/modes/save.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { loadMlp } from "../../src/networks/mlp/file.js";
import { packageRoot } from "../../src/package.js";
import { runCommand } from "../helpers/command.js";

const authors = process.env.MSA_XAI_DIR ?? join(packageRoot, "..", "shared", "reference", "msa-xai");
const reference = join(authors, "MLP");
const there = existsSync(reference);
if (!there) console.log(`left out: comparison with the published networks (no folder ${reference})`);

const networks = (["l1", "l2", "none"] as const).flatMap((regulariser) =>
  ([10, 50, 105, 200] as const).map((width) => [regulariser, width, width === 50 ? 1 : 0] as const),
);

const rootMeanSquare = (list: number[]) => Math.sqrt(list.reduce((sum, x) => sum + x * x, 0) / list.length);

describe.runIf(there)("standard errors", () => {
  const inputs = loadInputs("mnist-test:0-1023");

  it.each([10, 50, 100, 105])(
    "are the size of the differences from the published modes (none, n = %i)",
    async (width) => {
      const name = ["none regularization", String(width), "trial_0"] as const;
      const game = await mlpGame(await loadMlp(`${join(reference, "models", ...name)}.pt`), inputs);
      const published = loadModes(`${join(reference, "shapley_modes", ...name)}.csv`);
      const runs: ShapleyModes[] = [];
      for (let seed = 1; seed <= 8; seed++) runs.push(await shapley(game, { orderings: 1000, seed }));
      // Variances over eight seeds: those of one run are themselves uncertain for units that rarely change a score.
      // Both the run and the published modes are estimates from 1000 orderings, so their difference has twice the
      // variance of one.
      const z = Array.from(published.values, (value, i) => {
        const variance = runs.reduce((sum, run) => sum + (run.standardErrors as Float64Array)[i] ** 2, 0) / runs.length;
        return (runs[0].values[i] - value) / Math.sqrt(2 * variance);
      });
      expect(rootMeanSquare(z)).toBeGreaterThan(0.9);
      expect(rootMeanSquare(z)).toBeLessThan(1.15);
    },
  );
});

describe.runIf(there)("the command `analyse` on published networks", () => {
  const folder = mkdtempSync(join(tmpdir(), "published-"));

  it.each(networks)("agrees with the published modes (%s, n = %i, trial %i)", async (regulariser, width, trial) => {
    const name = [`${regulariser} regularization`, String(width), `trial_${trial}`] as const;
    const out = (ending: string) => join(folder, `${regulariser}-${width}-${trial}.${ending}`);
    for (const ending of ["csv", "npz"]) {
      const { status, stderr } = await runCommand(folder, [
        "analyse",
        ...["--network", `${join(reference, "models", ...name)}.pt`],
        ...["--inputs", "mnist-test:0-1023", "--score", "class-precision", "--orderings", "1000"],
        ...["--out", out(ending)],
      ]);
      expect(status, stderr).toBe(0);
    }
    const ours = loadModes(out("csv"));
    const withErrors = loadModes(out("npz"));
    const published = loadModes(`${join(reference, "shapley_modes", ...name)}.csv`);

    expect(withErrors.values).toEqual(ours.values);
    published.total().forEach((sum, digit) => expect(Math.abs(ours.total()[digit] - sum)).toBeLessThan(1e-9));
    const differences = Array.from(ours.values, (value, i) => value - published.values[i]);
    expect(rootMeanSquare(differences)).toBeLessThan(width === 10 ? 0.011 : 0.005);
    expect(pearson(ours.values, published.values)).toBeGreaterThan(width === 10 ? 0.99 : 0.98);
  });
});
