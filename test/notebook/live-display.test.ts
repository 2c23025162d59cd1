import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gameFromSpec } from "../../src/games/from-spec.js";
import { writeNote } from "../../src/jobs/notes.js";
import { planJob } from "../../src/jobs/plan-job.js";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { collectOutputs } from "../../src/notebook/run/outputs.js";
import type { Message } from "../../src/notebook/run/wire.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";
import { chromium } from "../helpers/optional.js";
import { useKernel } from "./use-kernel.js";

let kernel: KernelClient;
useKernel(async (started) => {
  kernel = started;
  await execute(kernel, 'import { display, markdown } from "shapley-modes";');
  await execute(
    kernel,
    "const figure = (y: number) => ({ data: [{ y: [y], type: 'scatter' as const }], layout: {} });",
  );
  await execute(kernel, "const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));");
});

const slow = `class Slow {
  constructor(readonly text: string, readonly ms: number) {}
  async [Symbol.for("shapley-modes.mime")]() { await pause(this.ms); return { "text/plain": this.text }; }
}`;

/** Runs a cell; the messages that show something, the outputs at its end, and the seconds it took. */
async function run(code: string, onMessage: (message: Message) => void = () => {}) {
  const displays: Message[] = [];
  const collector = collectOutputs(new Map());
  const start = performance.now();
  const reply = await kernel.request("execute_request", { code, silent: false }, (message) => {
    collector.add(message);
    if (message.type.endsWith("display_data")) displays.push(message);
    onMessage(message);
  });
  return { displays, outputs: collector.outputs, reply, seconds: (performance.now() - start) / 1000 };
}

const dataOf = ({ content }: Message) => content.data as Record<string, unknown>;

describe("a live display", () => {
  it("changes ten times a second at most, and ends with the last value", async () => {
    const { displays, outputs, seconds } = await run(`await display("0", { id: "a" });
      for (let i = 1; i <= 3000; i++) { await display(String(i), { id: "a", update: true }); if (i % 10 === 0) await pause(1); }`);
    expect(outputs).toMatchObject([{ data: { "text/plain": "'3000'" } }]);
    expect(displays.length).toBeGreaterThan(2);
    expect(displays.length).toBeLessThanOrEqual(3 + 10 * seconds);
  });

  it("does so in a loop without a pause", async () => {
    const { displays, outputs, seconds } = await run(`await display("0", { id: "b" });
      let steps = 0;
      for (let round = 0; round < 10; round++) {
        const end = performance.now() + 110;
        while (performance.now() < end) await display(String(++steps), { id: "b", update: true });
      }
      steps`);
    const steps = Number((outputs[1] as unknown as { data: Record<string, string> }).data["text/plain"]);
    expect(outputs[0]).toMatchObject({ data: { "text/plain": `'${steps}'` } });
    expect(displays.length).toBeGreaterThan(3);
    expect(displays.length).toBeLessThanOrEqual(3 + 10 * seconds);
  });

  it("shows what comes slowly at once", async () => {
    const { displays } = await run(`await display("0", { id: "c" });
      for (const text of ["1", "2", "3"]) { await pause(120); await display(text, { id: "c", update: true }); }`);
    expect(displays.map((message) => dataOf(message)["text/plain"])).toEqual(["'0'", "'1'", "'2'", "'3'"]);
  });

  it("of figures has one picture, the last", async () => {
    const { displays, outputs } = await run(`await display(figure(0), { id: "d" });
      for (let i = 1; i <= 5; i++) { await pause(120); await display(figure(i), { id: "d", update: true }); }`);
    const figures = displays.filter((message) => "application/vnd.plotly.v1+json" in dataOf(message));
    expect(figures.length).toBeGreaterThan(2);
    const pictures = figures.map((message) => "image/png" in dataOf(message));
    expect(pictures).toEqual([...Array(figures.length - 1).fill(false), chromium() !== undefined]);
    expect(JSON.stringify(outputs.at(-1))).toContain('"y":[5]');
  });

  it("has no picture, or one each time, where that is asked for", async () => {
    const pictures = async (png: boolean) => {
      const { displays } = await run(`await display(figure(0), { id: "e", png: ${png} });
        await pause(120);
        await display(figure(1), { id: "e", update: true, png: ${png} });`);
      return displays
        .filter((message) => "application/vnd.plotly.v1+json" in dataOf(message))
        .map((message) => "image/png" in dataOf(message));
    };
    expect(await pictures(false)).toEqual([false, false]);
    if (chromium()) expect(await pictures(true)).toEqual([true, true]);
  });

  it("of a cell that fails shows the last value before the error", async () => {
    const { outputs, reply } = await run(`await display("0", { id: "f" });
      await display("1", { id: "f", update: true });
      await display("2", { id: "f", update: true });
      throw new Error("too much");`);
    expect(reply).toMatchObject({ status: "error", evalue: "too much" });
    expect(outputs).toMatchObject([{ data: { "text/plain": "'2'" } }, { output_type: "error" }]);
  });

  it("a value that can not be shown fails its cell, also late", async () => {
    const { reply } = await run(`const bad = { [Symbol.for("shapley-modes.mime")]() { throw new Error("no form"); } };
      await display("0", { id: "g" });
      await display(bad, { id: "g", update: true });`);
    expect(reply).toMatchObject({ status: "error", evalue: "no form" });
  });

  it("goes on after its cell", async () => {
    const cell = run(`await display("0", { id: "h" });
      const shown = (async () => { for (let i = 1; i <= 40; i++) { await pause(10); await display(String(i), { id: "h", update: true }); } })();`);
    const { displays } = await cell;
    await run("await shown");
    expect(dataOf(displays.at(-1) as Message)["text/plain"]).toBe("'40'");
  });

  it("is left as it is by an interrupt, and the next one works", async () => {
    const code = `await display(figure(0), { id: "i" });
      for (let i = 1; ; i++) { await display(figure(i), { id: "i", update: true }); await pause(5); }`;
    let updates = 0;
    const { reply } = await run(code, ({ type }) => {
      if (type === "update_display_data" && ++updates === 3) kernel.interrupt();
    });
    expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    const { outputs } = await run('await display("0", { id: "j" }); await display("1", { id: "j", update: true });');
    expect(outputs).toMatchObject([{ data: { "text/plain": "'1'" } }]);
  });

  it("what is late does not replace what came after it: pictures and slow forms", async () => {
    const { displays } = await run(`${slow}
      await display(figure(1), { id: "k" });
      setTimeout(() => display("done", { id: "k", update: true }), 20);
      await pause(150);`);
    expect(dataOf(displays.at(-1) as Message)["text/plain"]).toBe("'done'");
    const after = await run(`await display(figure(1), { id: "l" });
      setTimeout(() => display("done", { id: "l", update: true }), 120); 0`);
    const late = await run("await pause(1500)");
    const last = [...after.displays, ...late.displays].at(-1) as Message;
    expect(dataOf(last)["text/plain"]).toBe("'done'");
  });

  it("a first display whose form is slow comes first", async () => {
    const { displays, outputs } = await run(`void display(new Slow("first", 300), { id: "m" });
      await display("newer", { id: "m", update: true });
      await pause(500);`);
    expect(displays.map(({ type }) => type)).toEqual(["display_data", "update_display_data"]);
    expect(outputs).toMatchObject([{ data: { "text/plain": "'newer'" } }]);
  });

  it("two displays of one identifier are two, also where the first is slow", async () => {
    const { outputs } = await run(`void display(new Slow("one", 300), { id: "n" });
      await display("two", { id: "n" });
      await pause(500);`);
    expect(outputs).toHaveLength(2);
  });

  it("a cell waits for the form of its last value", async () => {
    const { outputs } = await run(`await display("first", { id: "o" });
      await display(new Slow("last", 800), { id: "o", update: true });
      await pause(150);`);
    expect(outputs).toMatchObject([{ data: { "text/plain": "last" } }]);
  });

  it("a picture is of the figure as it was shown, whatever became of it since", async () => {
    const { outputs } = await run(`const changed = figure(1);
      await display(changed, { id: "p" });
      changed.data[0].y.push(2);`);
    expect(JSON.stringify(outputs)).toContain('"y":[1]');
    expect(JSON.stringify(outputs)).not.toContain('"y":[1,2]');
  });

  it("one that can not be shown does not keep others from their last value", async () => {
    const { outputs, reply } = await run(`await display("0", { id: "q" }); await display("0", { id: "r" });
      await display({ [Symbol.for("shapley-modes.mime")]() { throw new Error("no form"); } }, { id: "q", update: true });
      await display(new Slow("last", 200), { id: "r", update: true });
      throw new Error("the user's own");`);
    expect(reply).toMatchObject({ evalue: "the user's own" });
    expect(outputs[1]).toMatchObject({ data: { "text/plain": "last" } });
    expect(JSON.stringify(outputs)).toContain("no form");
  });

  it("inside of interact is as cheap, and ends with the last value", async () => {
    const { displays } = await run(`import { interact } from "shapley-modes/widgets";
      await display(figure(0), { id: "s" });
      await interact({ k: [0, 9] }, async () => {
        for (let i = 1; i <= 6; i++) await display(figure(i), { id: "s", update: true });
        return "drawn";
      });`);
    const figures = displays.filter((message) => "application/vnd.plotly.v1+json" in dataOf(message));
    expect(figures.length).toBeLessThan(6);
    expect(figures.filter((message) => "image/png" in dataOf(message)).length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(dataOf(figures.at(-1) as Message))).toContain('"y":[6]');
  });

  it("needs an identifier to replace something by, which is a text", async () => {
    expect((await run('await display("v", { update: true })')).reply).toMatchObject({ ename: "RangeError" });
    expect((await run('await display("v", { id: 5 as any })')).reply).toMatchObject({ ename: "TypeError" });
  });
});

describe("watchJob", () => {
  const place = temporaryFolder();
  afterAll(place.remove);
  const planned = async (name: string, milliseconds: number) => {
    const module = join(import.meta.dirname, "..", "jobs", "job-games.mjs");
    const game = await gameFromSpec({ module, export: "slow", arguments: [6, milliseconds] });
    const folder = join(place.folder, name);
    await planJob(game, { folder, estimator: "permutation", orderings: 48, chunks: 4 });
    return JSON.stringify(folder);
  };

  it("is one display that is replaced until all is done: a bar, what runs, and the error", async () => {
    const folder = await planned("watched", 8);
    const { displays, outputs, reply } = await run(`import { runJob, watchJob } from "shapley-modes/jobs";
      const [{ complete }] = await Promise.all([watchJob(${folder}, { every: 0.1 }), runJob(${folder}, { progress: false })]);
      if (!complete) throw new Error("not complete");`);
    expect(reply).toMatchObject({ status: "ok" });
    expect(displays.map(({ type }) => type)).toEqual([
      "display_data",
      ...Array(displays.length - 1).fill("update_display_data"),
    ]);
    expect(displays.length).toBeGreaterThan(1);
    expect(dataOf(displays[0])["text/html"]).toMatch(/<progress max="4" value="0".*0 of 4 chunks, 0 % of 240/);
    expect(outputs).toHaveLength(1);
    const last = (outputs[0] as unknown as { data: Record<string, string> }).data;
    expect(last["text/html"]).toMatch(/<progress max="4" value="4".*largest standard error 0\.\d+<.*job reduce/);
    expect(last["text/plain"]).toContain("4 of 4 chunks, 100 % of 240 evaluations");
  });

  it("is not shown again where it ends its cell", async () => {
    const folder = await planned("last", 0);
    const { displays, outputs } = await run(`import { runJob, watchJob } from "shapley-modes/jobs";
      await runJob(${folder}, { progress: false });
      await watchJob(${folder})`);
    expect(displays.map(({ type }) => type)).toEqual(["display_data"]);
    expect(outputs).toHaveLength(1);
  });

  it("tells which chunks failed and why, with what they say of themselves as text, and ends where its cell is interrupted", async () => {
    const folder = await planned("failing", 0);
    const note = { chunk: 2, attempt: 3, done: 1, of: 3, seconds: 4, reason: "<b>no room</b>", log: "/logs/2.log" };
    writeNote(JSON.parse(folder), { ...note, state: "failed" });
    const code = `await watchJob(${folder}, { every: 0.1 });`;
    const displays: Message[] = [];
    const reply = await kernel.request("execute_request", { code, silent: false }, (message) => {
      if (!message.type.endsWith("display_data")) return;
      if (displays.push(message) === 1) kernel.interrupt();
    });
    expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    const html = dataOf(displays[0])["text/html"];
    expect(html).toMatch(/>2<\/td>.*>failed<.*>1 of 3<.*>3<.*>&lt;b&gt;no room&lt;\/b&gt;<.*>\/logs\/2\.log</);
  });
});
