import { describe, expect, it } from "vitest";
import { plotlyMime } from "../../src/notebook/display/figure-facts.js";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { chromium } from "../helpers/optional.js";
import { useKernel } from "./use-kernel.js";
import { type Cell, shownModels, textsOf, widgetFrontEnd } from "./widget-front-end.js";

let kernel: KernelClient;
let front: ReturnType<typeof widgetFrontEnd>;

useKernel(async (started) => {
  kernel = started;
  front = widgetFrontEnd(kernel);
  const code = `import { display, gameFrom, shapley } from "shapley-modes"; import { cellSignal, interact, slider } from "shapley-modes/widgets";`;
  expect((await front.run(code)).reply.status).toBe("ok");
});

const updates = ({ messages }: Pick<Cell, "messages">) =>
  messages.filter(({ type }) => type === "update_display_data").map(({ content }) => content);
const drawn = (cell: Pick<Cell, "outputs">) => textsOf(cell.outputs).filter((text) => text !== "");

/** Code that waits until something holds in the kernel. */
const soon = (holds: string) => `while (!(${holds})) await new Promise((resolve) => setTimeout(resolve, 1));`;

/**
 * Interrupts until a drawing says so. The kernel can not be asked whether it has begun; it begins at once, and an
 * interrupt before that would be lost.
 */
async function interruptedIn(cell: Cell): Promise<void> {
  const interrupted = async () => {
    await kernel.request("interrupt_request", {});
    return drawn(cell)[0] ?? "";
  };
  await expect.poll(interrupted, { timeout: 60_000, interval: 500 }).toMatch(/Interrupted/);
}

describe("interact", () => {
  it("shows its controls in one column, and below them what is made of their first values", async () => {
    const cell = await front.run(
      'await interact({ k: [0, 200], layer: ["hidden1", "hidden2"], on: true, name: "x" }, (values) => JSON.stringify(values))',
    );
    expect(shownModels(cell.outputs)).toEqual([front.latest("VBox")]);
    const children = front.models.get(front.latest("VBox"))?.children as string[];
    const states = children.map((child) => front.models.get(child.replace("IPY_MODEL_", "")));
    expect(states).toMatchObject([
      { _model_name: "IntSliderModel", description: "k", min: 0, max: 200, value: 0 },
      { _model_name: "DropdownModel", description: "layer", _options_labels: ["hidden1", "hidden2"], index: 0 },
      { _model_name: "CheckboxModel", description: "on", value: true },
      { _model_name: "TextModel", description: "name", value: "x" },
    ]);
    expect(drawn(cell)).toEqual([`'{"k":0,"layer":"hidden1","on":true,"name":"x"}'`]);
  });

  it("replaces the drawing by update_display_data when a value changes, in the cell that made it", async () => {
    const cell = await front.run(
      "const sums = await interact({ a: [0, 9], b: [0, 9] }, ({ a, b }) => { console.log([a, b].join()); return a + b; })",
    );
    expect(drawn(cell)).toEqual(["0,0", "0"]);
    await front.run('console.log("a later cell");');
    const [a] = front.all("IntSlider").slice(-2);
    await front.set(a, { value: 4 });
    await front.until(() => drawn(cell)[1] === "4");
    expect(drawn(cell)).toEqual(["4,0", "4"]);
    const ids = (contents: readonly Record<string, unknown>[]) =>
      contents.map(({ transient }) => (transient as { display_id: string }).display_id);
    const shown = cell.messages.filter(({ type, content }) => type === "display_data" && content.transient);
    expect(ids(updates(cell))).toEqual(ids(shown.map(({ content }) => content)).filter(Boolean));
    await front.run("sums.controls.b.value = 2;");
    await front.until(() => drawn(cell)[1] === "6");
    await front.run("await sums.redraw(); sums.stop(); sums.controls.b.value = 3;");
    expect(drawn(cell)).toEqual(["4,2", "6"]);
  });

  it("less output than before leaves nothing of it", async () => {
    const cell = await front.run(
      "await interact({ lines: [0, 3] }, async ({ lines }) => { for (let i = 0; i < lines; i++) await display(i); })",
    );
    const id = front.latest("IntSlider");
    for (const lines of [3, 1, 0, 2]) {
      await front.set(id, { value: lines });
      await front.until(() => drawn(cell).length === lines);
      expect(drawn(cell)).toEqual(Array.from({ length: lines }, (_, i) => String(i)));
    }
  });

  it("latest value wins: what comes while it computes is dropped but for the last, whose drawing stays", async () => {
    const cell = await front.run(`const asked: number[] = []; let go = () => {};
      await interact({ n: [0, 100] }, async ({ n }) => {
        asked.push(n);
        if (n > 0) await new Promise<void>((resolve) => { go = resolve; });
        return n;
      });`);
    const id = front.latest("IntSlider");
    await front.set(id, { value: 1 });
    await front.run(soon("asked.length === 2"));
    for (let n = 2; n <= 50; n++) await front.set(id, { value: n });
    await front.run(`go(); ${soon("asked.length === 3")} go();`);
    await front.until(() => drawn(cell)[0] === "50");
    expect(drawn(await front.run("asked"))).toEqual(["[ 0, 1, 50 ]"]);
  });

  it("values that arrive while it computes without a pause are dropped too", async () => {
    const cell = await front.run(`const seen: number[] = [];
      await interact({ n: [0, 100] }, ({ n }) => {
        seen.push(n);
        const until = performance.now() + (n === 0 ? 0 : 100);
        while (performance.now() < until);
        return n;
      });`);
    const id = front.latest("IntSlider");
    await Promise.all(Array.from({ length: 30 }, (_, i) => front.set(id, { value: i + 1 })));
    await front.until(() => drawn(cell)[0] === "30");
    // They are all there after the first computation, or the second where they came slowly; each one would make 31.
    const [count] = drawn(await front.run("seen.length"));
    expect(Number(count)).toBeLessThan(15);
  });

  it("ends the computation under way by its signal, and by the cell's own, which shapley watches", async () => {
    const cell = await front.run(`const ended: string[] = []; const began: number[] = [];
      await interact({ n: [0, 9] }, async ({ n }, { signal }) => {
        if (n === 0 || n > 2) return n;
        const own = cellSignal()!;
        began.push(n);
        if (n === 1) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        else await new Promise<void>((resolve) => own.addEventListener("abort", () => resolve()));
        ended.push(\`\${n} \${signal.aborted} \${own.aborted} \${(signal.reason as Error).name}\`);
        throw signal.reason;
      });
      const played = await gameFrom(14, (intact) => { for (let i = 0; i < 20_000; i++); return intact.size; });
      let orderings = 0;
      const modes = await interact({ m: [0, 2] }, async ({ m }) => {
        if (m === 1) orderings = 1;
        return m === 1 ? (await shapley(played, { orderings: 1_000_000 })).units.length : m;
      });`);
    const [n, m] = front.all("IntSlider").slice(-2);
    for (const value of [1, 2]) {
      await front.set(n, { value });
      await front.run(soon(`began.includes(${value})`));
    }
    await front.set(n, { value: 3 });
    await front.until(() => drawn(cell)[0] === "3");
    expect(drawn(await front.run("ended.join()"))).toEqual(["'1 true true Superseded,2 true true Superseded'"]);
    await front.set(m, { value: 1 });
    await front.run(soon("orderings > 0"));
    await front.set(m, { value: 2 });
    await front.until(() => drawn(cell)[1] === "2");
    expect(drawn(cell)).toEqual(["3", "2"]);
  });

  it("shows an error in place of the drawing, with its line, and goes on with the next value", async () => {
    const cell = await front.run(`await interact({ n: [0, 9] }, ({ n }) => {
  if (n === 7) throw new RangeError("seven");
  return n;
});`);
    const id = front.latest("IntSlider");
    await front.set(id, { value: 7 });
    await front.until(() => drawn(cell)[0]?.includes("seven"));
    expect(drawn(cell)[0]).toMatch(/RangeError.*: seven[\s\S]*cell \[\d+\], line 2/);
    await front.set(id, { value: 8 });
    await front.until(() => drawn(cell)[0] === "8");
    expect(cell.outputs.some(({ output_type }) => output_type === "stream")).toBe(false);
  });

  it("an error of the first drawing fails the cell, and the controls draw all the same", async () => {
    const cell = await front.run(
      'await interact({ n: [0, 9] }, ({ n }) => { if (n === 0) throw new RangeError("none"); return n; });',
    );
    expect(cell.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "none" });
    await front.set(front.latest("IntSlider"), { value: 8 });
    await front.until(() => drawn(cell).includes("8"));
  });

  it("takes controls that were made before, and shows them no second time", async () => {
    const cell = await front.run(
      'const shared = await slider("shared", { max: 9 }); await interact({ shared }, ({ shared }) => shared * 2);',
    );
    expect(shownModels(cell.outputs)).toEqual([front.latest("IntSlider")]);
    await front.set(front.latest("IntSlider"), { value: 4 });
    await front.until(() => drawn(cell)[0] === "8");
  });

  it("interrupted it says so, also where it computed without a pause, and goes on with the next value", async () => {
    const cell = await front.run(
      "await interact({ n: [0, 9] }, async ({ n }) => { if (n === 1) { while (true); } return n; });",
    );
    const id = front.latest("IntSlider");
    await front.set(id, { value: 1 });
    await interruptedIn(cell);
    await front.set(id, { value: 2 });
    await front.until(() => drawn(cell)[0] === "2");
  });

  it("interrupted it forgets the value that waited, and takes the next one", async () => {
    const cell = await front.run(
      "await interact({ n: [0, 9] }, async ({ n }) => { if (n === 1) await new Promise(() => {}); return n; });",
    );
    const id = front.latest("IntSlider");
    await front.set(id, { value: 1 });
    await front.set(id, { value: 2 });
    await front.run("1"); // the kernel has the second value by then
    await interruptedIn(cell);
    await front.run("await new Promise((resolve) => setTimeout(resolve, 300))");
    await front.until(() => /Interrupted/.test(drawn(cell)[0]));
    await front.set(id, { value: 3 });
    await front.until(() => drawn(cell)[0] === "3");
  });

  it("draws figures without a picture while values come, and with one at the end", async () => {
    const cell = await front.run(
      'await interact({ n: [1, 9] }, ({ n }) => ({ data: [{ type: "bar" as const, y: [n] }], layout: { title: { text: String(n) } } }), { settle: 0.05 });',
    );
    expect([cell.reply.status, cell.reply.evalue]).toEqual(["ok", undefined]);
    const forms = () => {
      const output = cell.outputs.find((each) => "data" in each && plotlyMime in each.data);
      return output && "data" in output ? output.data : {};
    };
    const title = () => (forms()[plotlyMime] as { layout: { title: { text: string } } }).layout.title.text;
    expect(title()).toBe("1");
    expect("image/png" in forms()).toBe(chromium() !== undefined);
    await front.set(front.latest("IntSlider"), { value: 5 });
    await front.until(() => title() === "5" && ("image/png" in forms() || updates(cell).length === 2));
    await front.until(() => updates(cell).length === 2);
    const pictures = updates(cell).map(({ data }) => "image/png" in (data as object));
    expect(pictures).toEqual([false, chromium() !== undefined]);
    expect(title()).toBe("5");
  });
});
