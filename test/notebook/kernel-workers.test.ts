import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";

const place = temporaryFolder();
let kernel: KernelClient;

beforeAll(async () => {
  writeFileSync(
    join(place.folder, "my-game.mjs"),
    `import { writeFileSync } from "node:fs";
     import { isMainThread } from "node:worker_threads";
     export const make = (units, slow) => ({
       units: Array.from({ length: units }, (_, u) => "u" + u),
       outputShape: [],
       async evaluate({ count, words }) {
         if (slow && !isMainThread) for (writeFileSync("begun", ""); ; );
         return Float64Array.from({ length: count }, (_, c) => words[c] ** 1.5);
       },
     });`,
  );
  kernel = await startKernel(kernelSpec(), { cwd: place.folder });
  await execute(kernel, 'import { gameFrom, gameFromSpec, shapley } from "shapley-modes";');
});

afterAll(async () => {
  await kernel?.stop();
  place.remove();
});

describe("workers in a notebook", () => {
  it("play a game from a module beside the notebook, with the bytes of one worker", async () => {
    const { outputs } = await execute(
      kernel,
      `const game = await gameFromSpec({ module: "./my-game.mjs", export: "make", arguments: [8, false] });
       const one = await shapley(game, { orderings: 40, progress: false });
       const two = await shapley(game, { orderings: 40, workers: 2, progress: false });
       one.values.every((value, i) => Object.is(value, two.values[i]))`,
    );
    expect(outputs).toMatchObject([{ output_type: "execute_result", data: { "text/plain": "true" } }]);
  });

  it("leave a cell's closure in its thread, and say so once", async () => {
    const { outputs } = await execute(
      kernel,
      `const closure = await gameFrom(3, (intact) => intact.size);
       await shapley(closure, { orderings: 4, workers: 2, progress: false });
       (await shapley(closure, { orderings: 4, workers: 2, progress: false })).total()[0]`,
    );
    expect(outputs).toMatchObject([
      { output_type: "stream", name: "stderr", text: expect.stringMatching(/^one worker is used: .*\n$/) },
      { output_type: "execute_result", data: { "text/plain": "3" } },
    ]);
  });

  it("stop when the cell is interrupted, though they never wait, and the kernel goes on", async () => {
    await execute(
      kernel,
      `const ports = () => (process as any).getActiveResourcesInfo().filter((name: string) => name === "MessagePort").length;
       const before = ports();
       const endless = await gameFromSpec({ module: "./my-game.mjs", export: "make", arguments: [8, true] });`,
    );
    const running = execute(kernel, 'await shapley(endless, { estimator: "permutation", workers: 2 });');
    await expect.poll(() => existsSync(join(place.folder, "begun"))).toBe(true);
    kernel.interrupt();
    expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    const { outputs } = await execute(kernel, "ports() - before");
    expect(outputs).toMatchObject([{ data: { "text/plain": "0" } }]);
  });
});
