import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KernelClient, startKernel } from "../notebook/run/client.js";
import { kernelSpec } from "../notebook/run/kernelspec.js";
import { type Answer, type Question, short } from "./question.js";

const steps = 500;
const usualRepetitions = 5;

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

/** What a figure costs that is drawn anew after every step of a training, in a notebook's kernel. */
export const notebookLive: Question = {
  name: "live",
  asks: `how long does a training of ${steps} steps take whose losses are shown live, against one that shows nothing?`,
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const folder = mkdtempSync(join(tmpdir(), "live-"));
    const kernel = await startKernel(kernelSpec(), { cwd: folder });
    try {
      await run(kernel, preparation, signal);
      await run(kernel, "await train(true)", signal); // the code is compiled, Chromium started
      // Whatever else the machine does only makes them longer: of each the best counts.
      const best = {
        plain: Number.POSITIVE_INFINITY,
        live: Number.POSITIVE_INFINITY,
        picture: Number.POSITIVE_INFINITY,
      };
      let updates = 0;
      for (let repetition = 0; repetition < repetitions; repetition++) {
        best.plain = Math.min(best.plain, (await run(kernel, "await train(false)", signal)).milliseconds);
        const live = await run(kernel, "await train(true)", signal);
        best.live = Math.min(best.live, live.milliseconds);
        best.picture = Math.min(best.picture, live.whole - live.milliseconds);
        updates = live.updates;
      }
      const share = best.live / best.plain - 1;
      return {
        figure: { value: best.live / 1000, unit: "s", of: `shown live: ${updates} changes of the figure arrived` },
        baseline: { value: best.plain / 1000, unit: "s", of: "nothing shown" },
        ratio: best.plain / best.live,
        target: { ratio: 0.95 },
        lines: [
          `so        ${short(100 * share)} % of the training's time`,
          `picture   ${short(best.picture / 1000)} s for the one at the end of the cell, which Chromium draws`,
          `repeated  ${repetitions} times in turn, the best of each`,
        ],
        numbers: { steps, updates, share, picture_seconds: best.picture / 1000, repetitions },
      };
    } finally {
      await kernel.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Runs a cell: the number that it ends in, how long the whole took, and how often a display was replaced. */
async function run(
  kernel: KernelClient,
  code: string,
  signal: AbortSignal,
): Promise<{ milliseconds: number; whole: number; updates: number }> {
  signal.throwIfAborted();
  let text = "";
  let updates = 0;
  const start = performance.now();
  const reply = await kernel.request("execute_request", { code, silent: false }, ({ type, content }) => {
    if (type === "update_display_data") updates++;
    if (type === "execute_result") text = (content as { data: Record<string, string> }).data["text/plain"];
  });
  if (reply.status !== "ok") throw new Error((reply.traceback as string[]).join("\n"));
  return { milliseconds: Number(text), whole: performance.now() - start, updates };
}
