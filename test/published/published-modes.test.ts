import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pearson } from "../../src/analysis/correlation.js";
import { loadModes } from "../../src/modes/save.js";
import { packageRoot } from "../../src/package.js";

const reference = join(packageRoot, "..", "shared", "reference", "msa-xai", "MLP");
const there = existsSync(reference);
if (!there) console.log(`left out: comparison with the published networks (no folder ${reference})`);

const networks = (["l1", "l2", "none"] as const).flatMap((regulariser) =>
  ([10, 50, 105, 200] as const).map((width) => [regulariser, width, width === 50 ? 1 : 0] as const),
);

describe.runIf(there)("the command `analyse` on published networks", () => {
  const folder = mkdtempSync(join(tmpdir(), "published-"));

  it.each(networks)("agrees with the published modes (%s, n = %i, trial %i)", (regulariser, width, trial) => {
    const name = [`${regulariser} regularization`, String(width), `trial_${trial}`] as const;
    const out = (ending: string) => join(folder, `${regulariser}-${width}-${trial}.${ending}`);
    for (const ending of ["csv", "npz"]) {
      execFileSync(
        process.execPath,
        [
          join(packageRoot, "dist", "cli", "main.js"),
          "analyse",
          ...["--network", `${join(reference, "models", ...name)}.pt`],
          ...["--inputs", "mnist-test:0-1023", "--score", "class-precision", "--orderings", "1000"],
          ...["--out", out(ending)],
        ],
        { stdio: "pipe" },
      );
    }
    const ours = loadModes(out("csv"));
    const withErrors = loadModes(out("npz"));
    const published = loadModes(`${join(reference, "shapley_modes", ...name)}.csv`);

    expect(withErrors.values).toEqual(ours.values);
    published.total().forEach((sum, digit) => expect(Math.abs(ours.total()[digit] - sum)).toBeLessThan(1e-9));
    const differences = Array.from(ours.values, (value, i) => value - published.values[i]);
    const rootMeanSquare = (list: number[]) => Math.sqrt(list.reduce((sum, x) => sum + x * x, 0) / list.length);
    expect(rootMeanSquare(differences)).toBeLessThan(width === 10 ? 0.011 : 0.005);
    expect(pearson(ours.values, published.values)).toBeGreaterThan(width === 10 ? 0.99 : 0.98);
    if (regulariser === "none" && width <= 50) {
      // Two estimates from 1000 orderings each: their difference has sqrt(2) times the standard error of one.
      const errors = withErrors.standardErrors as Float64Array;
      const z = rootMeanSquare(differences.map((x, i) => x / errors[i] / Math.SQRT2));
      expect(z).toBeGreaterThan(0.9);
      expect(z).toBeLessThan(1.15);
    }
  });
});
