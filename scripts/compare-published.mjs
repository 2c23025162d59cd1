// Analyses every published network of a copy of the authors' MSA-XAI folder (MSA_XAI_DIR, or the first argument) and holds
// the Shapley Modes against the published ones: totals per digit to 1e-9, rmse and Pearson's r of single values, and, for
// unregularised networks of up to 105 units, the root mean square z of the differences in units of sqrt(2) standard errors.
// Units that rarely change a score have standard errors that are themselves uncertain, which would inflate z; so the
// variances are averaged over eight seeds. Exit code 0 only where everything agrees within the bounds below.
//   node scripts/compare-published.mjs ../shared/reference/msa-xai [--seed 1]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pearson } from "../dist/analysis.js";
import { publishedNetworks } from "../dist/experiments.js";
import { loadInputs, loadMlp, loadModes, mlpGame, shapley } from "../dist/index.js";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const folder = positionals[0] ?? process.env.MSA_XAI_DIR;
if (!folder) throw new Error("name the authors' folder, or set MSA_XAI_DIR");

const inputs = loadInputs("mnist-test:0-1023");
const rootMeanSquare = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);
const seeds = Array.from({ length: 8 }, (_, i) => Number(values.seed) + i);
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
  const judged = regulariser === "none" && width <= 105;
  const runs = judged ? await Promise.all(seeds.map((seed) => shapley(game, { orderings: 1000, seed }))) : [modes];
  const variance = (i) => runs.reduce((sum, run) => sum + run.standardErrors[i] ** 2, 0) / runs.length;
  // Both are estimates from 1000 orderings, so their difference has sqrt(2) times the standard error of one.
  const z = rootMeanSquare([...differences].map((x, i) => (x === 0 ? 0 : x / Math.sqrt(2 * variance(i)))));
  const good =
    totalGap <= 1e-9 &&
    (width === 10 ? rmse <= 0.011 && r >= 0.99 : width < 50 || (rmse <= 0.005 && r >= 0.98)) &&
    (!judged || (z >= 0.9 && z <= 1.15));
  if (!good) failed++;
  const name = `${regulariser} n=${width} trial ${trial}`.padEnd(18);
  const numbers = [totalGap.toExponential(1), rmse.toFixed(5), r.toFixed(5), z > 100 ? "> 100" : z.toFixed(3)];
  console.log(name, ...numbers, modes.efficiencyGap.toExponential(1), seconds.toFixed(2), good ? "yes" : "NO");
}
console.log(failed === 0 ? "all agree" : `${failed} do not agree`);
process.exitCode = failed === 0 ? 0 : 1;
