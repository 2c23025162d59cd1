// How much of a training's time do live losses take?
//
//   npm run build && node bench/live.mjs [--steps 1000] [--repeats 3] [--json]
//
// The same training runs in a notebook kernel with a figure of its losses replaced after every step, and without. Both take turns, and
// the best time of each counts. The one picture at the end of the cell, drawn by Chromium, is counted apart.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startKernel } from "../dist/notebook/run/client.js";
import { kernelSpec } from "../dist/notebook/run/kernelspec.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "1000" },
    repeats: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const steps = Number(values.steps);
const folder = mkdtempSync(join(tmpdir(), "live-"));
const kernel = await startKernel(kernelSpec(), { cwd: folder });

/** Some milliseconds of gradient descent a step: least squares of 256 weights on 2000 rows. */
const preparation = `import { display } from "shapley-modes";
const [rows, columns] = [2000, 256];
const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9898));
const y = Float32Array.from({ length: rows }, (_, i) => Math.cos(i));
const weights = new Float32Array(columns);
function step(): number {
  const gradient = new Float64Array(columns);
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    let error = -y[r];
    for (let c = 0; c < columns; c++) error += weights[c] * x[r * columns + c];
    loss += error * error;
    for (let c = 0; c < columns; c++) gradient[c] += error * x[r * columns + c];
  }
  for (let c = 0; c < columns; c++) weights[c] -= (0.1 / rows) * gradient[c];
  return loss / rows;
}
async function train(live: boolean): Promise<number> {
  const losses: number[] = [];
  const figure = { data: [{ type: "scatter" as const, y: losses }], layout: { title: { text: "Loss" }, width: 600, height: 300 } };
  const start = performance.now();
  if (live) await display(figure, { id: "loss" });
  for (let i = 0; i < ${steps}; i++) {
    losses.push(step());
    if (live) await display(figure, { id: "loss", update: true });
    else await null;
  }
  return performance.now() - start;
}`;

async function run(code) {
  let text = "";
  let updates = 0;
  const start = performance.now();
  const reply = await kernel.request("execute_request", { code, silent: false }, ({ type, content }) => {
    if (type === "update_display_data") updates++;
    if (type === "execute_result") text = content.data["text/plain"];
  });
  if (reply.status !== "ok") throw new Error(reply.traceback.join("\n"));
  return { milliseconds: Number(text), whole: performance.now() - start, updates };
}

try {
  await run(preparation);
  await run("await train(true)"); // the code is compiled, Chromium started
  const best = { plain: Number.POSITIVE_INFINITY, live: Number.POSITIVE_INFINITY };
  let picture = Number.POSITIVE_INFINITY;
  let updates = 0;
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    best.plain = Math.min(best.plain, (await run("await train(false)")).milliseconds);
    const live = await run("await train(true)");
    best.live = Math.min(best.live, live.milliseconds);
    picture = Math.min(picture, live.whole - live.milliseconds);
    updates = live.updates;
  }
  const share = best.live / best.plain - 1;
  const report = {
    question: `what share of a training of ${steps} steps do live losses take?`,
    figure: { seconds: best.live / 1000, updates },
    baseline: { seconds: best.plain / 1000 },
    share,
    picture: { seconds: picture / 1000 },
  };
  if (values.json) console.log(JSON.stringify(report));
  else {
    console.log(report.question);
    console.log(
      `  figure    ${(best.live / 1000).toFixed(2)} s with a figure replaced after every step, ${updates} times shown`,
    );
    console.log(`  baseline  ${(best.plain / 1000).toFixed(2)} s without`);
    console.log(`  share     ${(100 * share).toFixed(1)} %`);
    console.log(`  the picture at the end: ${(picture / 1000).toFixed(2)} s`);
  }
} finally {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
}
