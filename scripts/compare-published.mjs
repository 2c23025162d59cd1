// Analyses every published network of a copy of the authors' MSA-XAI folder (MSA_XAI_DIR, or the first argument) and holds
// the Shapley Modes against the published ones: totals per digit to 1e-9, rmse and Pearson's r of single values, and, over all
// unregularised networks of up to 105 units together, the root mean square of the differences in standard errors. (That of a
// single network says less: its values are correlated, and the published ones are one sample.) Exit code 0 only where
// everything agrees within the bounds below.
//   node scripts/compare-published.mjs ../shared/reference/msa-xai [--seed 1]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadInputs, loadMlp, loadModes, mlpGame, pearson, publishedNetworks, shapley } from "../dist/index.js";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const folder = positionals[0] ?? process.env.MSA_XAI_DIR;
if (!folder) throw new Error("name the authors' folder, or set MSA_XAI_DIR");

const inputs = loadInputs("mnist-test:0-1023");
const rootMeanSquare = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);
const pooled = [];
let failed = 0;
console.log("network            totals    rmse     r        z      gap      s    agrees");
for (const { regulariser, width, trial, path } of publishedNetworks(folder)) {
  const start = performance.now();
  const game = await mlpGame(await loadMlp(path), inputs);
  const modes = await shapley(game, { orderings: 1000, seed: Number(values.seed) });
  const seconds = (performance.now() - start) / 1000;
  const csv = join(
    folder,
    "MLP",
    "shapley_modes",
    `${regulariser} regularization`,
    String(width),
    `trial_${trial}.csv`,
  );
  const published = loadModes(csv);

  const differences = modes.values.map((value, i) => value - published.values[i]);
  const totals = published.total();
  const totalGap = modes.total().reduce((most, sum, o) => Math.max(most, Math.abs(sum - totals[o])), 0);
  const rmse = rootMeanSquare(differences);
  const r = pearson(modes.values, published.values);
  // Both are estimates from 1000 orderings, so their difference has sqrt(2) times the standard error of one.
  const inErrors = [...differences].map((x, i) => x / modes.standardErrors[i] / Math.SQRT2).filter(Number.isFinite);
  const z = rootMeanSquare(inErrors);
  if (regulariser === "none" && width <= 105) pooled.push(...inErrors);
  const good =
    totalGap <= 1e-9 && (width === 10 ? rmse <= 0.011 && r >= 0.99 : width < 50 || (rmse <= 0.005 && r >= 0.98));
  if (!good) failed++;
  const name = `${regulariser} n=${width} trial ${trial}`.padEnd(18);
  const numbers = [totalGap.toExponential(1), rmse.toFixed(5), r.toFixed(5), z > 100 ? "> 100" : z.toFixed(3)];
  console.log(name, ...numbers, modes.efficiencyGap.toExponential(1), seconds.toFixed(2), good ? "yes" : "NO");
}
const together = rootMeanSquare(pooled);
if (pooled.length > 0) {
  console.log(`unregularised networks to n = 105 together: z ${together.toFixed(3)} over ${pooled.length} values`);
  if (together < 0.9 || together > 1.15) failed++;
}
console.log(failed === 0 ? "all agree" : `${failed} do not agree`);
process.exitCode = failed === 0 ? 0 : 1;
