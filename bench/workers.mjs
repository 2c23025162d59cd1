// How much faster are the Shapley Modes of a network with two worker threads?
//
//   npm run build && node bench/workers.mjs [--orderings 10000] [--workers 2] [--repeats 5] [--json]
//
// One worker and several take turns, and the best time of each counts, so that other work on the machine disturbs little.
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { checkpoint, loadInputs, mlpGame, shapley, toNpz } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    orderings: { type: "string", default: "10000" },
    workers: { type: "string", default: "2" },
    repeats: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const orderings = Number(values.orderings);
const workers = Number(values.workers);
const game = await mlpGame(
  await checkpoint({ width: 200, regulariser: "l1", trial: 0 }),
  loadInputs("mnist-test:0-1023"),
);
await shapley(game, { orderings: 100 }); // the code is compiled

const seconds = { 1: Number.POSITIVE_INFINITY, [workers]: Number.POSITIVE_INFINITY };
const checksums = new Set();
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  for (const k of [1, workers]) {
    const start = performance.now();
    const modes = await shapley(game, { orderings, workers: k });
    seconds[k] = Math.min(seconds[k], (performance.now() - start) / 1000);
    checksums.add(createHash("sha256").update(toNpz(modes)).digest("hex"));
  }
}

const report = {
  question: `seconds for ${orderings} orderings of the 200-unit network, 1024 images, class precision, threads included`,
  figure: { workers, seconds: seconds[workers] },
  baseline: { workers: 1, seconds: seconds[1] },
  ratio: seconds[1] / seconds[workers],
  same_bytes: checksums.size === 1,
  peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
};
if (values.json) console.log(JSON.stringify(report, null, 1));
else {
  console.log(`question  ${report.question}`);
  console.log(`figure    ${report.figure.seconds.toFixed(2)} s with ${workers} workers`);
  console.log(`baseline  ${report.baseline.seconds.toFixed(2)} s with one`);
  console.log(`ratio     ${report.ratio.toFixed(2)}; same bytes: ${report.same_bytes ? "yes" : "NO"}`);
  console.log(`memory    ${report.peak_memory_mb} MB at most`);
}
if (!report.same_bytes) process.exitCode = 1;
