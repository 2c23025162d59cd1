import { describe, expect, it } from "vitest";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { execute } from "../helpers/notebooks.js";
import { useKernel } from "./use-kernel.js";

let kernel: KernelClient;
useKernel((started) => {
  kernel = started;
});

/** Runs code that fills `seen`, then waits, and returns what is in it. */
async function seen(code: string): Promise<unknown> {
  const { outputs } = await execute(
    kernel,
    `(async () => { const seen: any[] = []; const later = (ms: number) => new Promise<void>((r) => { setTimeout(r, ms); });
       ${code}; return JSON.stringify(seen); })()`,
  );
  const [output] = outputs;
  if (output?.output_type !== "execute_result") throw new Error(JSON.stringify(outputs));
  return JSON.parse(String(output.data["text/plain"]).slice(1, -1));
}

describe("timers of cells are as Node's", () => {
  it("in their order, with ticks and microtasks between them", async () => {
    // Far apart: what is due by the time that the loop comes round goes by when it was set, as in Node.
    const code = `setTimeout(() => { seen.push("a"); process.nextTick(() => seen.push("tick")); Promise.resolve().then(() => seen.push("micro")); }, 500);
      setTimeout(() => seen.push("b"), 500);
      setTimeout(() => seen.push("first"), 1);
      setImmediate(() => { seen.push("i1"); setImmediate(() => seen.push("i3")); queueMicrotask(() => seen.push("m1")); });
      setImmediate(() => seen.push("i2"));
      process.nextTick(() => seen.push("now"));
      await later(600)`;
    const all = (await seen(code)) as string[];
    expect(all[0]).toBe("now");
    expect(all.filter((each) => /^[im]\d/.test(each))).toEqual(["i1", "m1", "i2", "i3"]);
    expect(all.filter((each) => !/^[im]\d|now/.test(each))).toEqual(["first", "a", "tick", "micro", "b"]);
  });

  it("with their arguments and their this", async () => {
    const code = `const t = setTimeout(function (this: any, ...all: any[]) { seen.push(all, this === t); }, 1, 1, "two");
      setImmediate((x: number) => seen.push(x), 3); await later(30)`;
    expect(await seen(code)).toEqual([3, [1, "two"], true]);
  });

  it("cleared before they go off, also where they were due together, and by their number", async () => {
    const code = `const a = setTimeout(() => { seen.push("a"); clearTimeout(b); clearTimeout(+c); clearTimeout(String(+d)); }, 2);
      const b = setTimeout(() => seen.push("b"), 2); const c = setTimeout(() => seen.push("c"), 2);
      const d = setTimeout(() => seen.push("d"), 2); +c; +d;
      const i = setImmediate(() => { seen.push("i"); clearImmediate(j); }); const j = setImmediate(() => seen.push("j"));
      const t = Date.now(); while (Date.now() - t < 10);
      clearTimeout(undefined); clearTimeout(null as any); clearImmediate(undefined);
      await later(30)`;
    expect(((await seen(code)) as string[]).sort()).toEqual(["a", "i"]);
  });

  it("refreshed, referenced and closed", async () => {
    const code = `const t: any = setTimeout(() => seen.push("off"), 15);
      seen.push(t.hasRef(), t.unref() === t, t.hasRef(), t.ref().hasRef());
      await later(40); seen.push(t.hasRef()); t.refresh(); await later(40); t.close(); t.refresh(); await later(40);
      { { const u: any = setTimeout(() => seen.push("never"), 1); u[Symbol.dispose](); } } await later(20)`;
    expect(await seen(code)).toEqual([true, true, false, true, "off", false, "off"]);
  });

  it("repeated until they are cleared, from within too, without two turns at once", async () => {
    const code = `let inside = 0; let cleared = () => {};
      const t = setInterval((step: number) => { inside++; seen.push(inside, step); const s = Date.now(); while (Date.now() - s < 8); inside--;
        if (seen.length === 6) { clearInterval(t); cleared(); } }, 2, 9);
      await new Promise<void>((resolve) => { cleared = resolve; }); await later(30)`;
    expect(await seen(code)).toEqual([1, 9, 1, 9, 1, 9]);
  });

  it("promised: by util.promisify and node:timers/promises, with values and signals", async () => {
    const code = `const { promisify } = require("node:util"); const p = require("node:timers/promises"); const t = require("node:timers");
      seen.push(await promisify(setTimeout)(1, "a"), await promisify(setImmediate)("b"), await p.setTimeout(1, "c"), await p.setImmediate("d"));
      for await (const x of p.setInterval(1, "e")) { seen.push(x); if (seen.length > 5) break; }
      await p.scheduler.wait(1); await p.scheduler.yield();
      const stop = new AbortController(); setTimeout(() => stop.abort(new Error("enough")), 5);
      for (const wait of [p.setTimeout(5000, 0, { signal: stop.signal }), p.scheduler.wait(5000, { signal: stop.signal })]) {
        await wait.catch((e: any) => seen.push(e.name, e.code, e.cause.message));
      }
      await p.setTimeout(1, 0, { signal: AbortSignal.timeout(60000) });
      await p.setTimeout(1, 0, { signal: 5 }).catch((e: any) => seen.push(e.code));
      await new Promise<void>((r) => AbortSignal.timeout(1).addEventListener("abort", function () { seen.push(this.reason.name); r(); }));
      await new Promise<void>((r) => { t.setTimeout(r, 1); })`;
    const aborted = ["AbortError", "ABORT_ERR", "enough"];
    const tail = [...aborted, ...aborted, "ERR_INVALID_ARG_TYPE", "TimeoutError"];
    expect(await seen(code)).toEqual(["a", "b", "c", "d", "e", "e", ...tail]);
  });

  it("in the course of who set them, and their errors are uncaught exceptions of that course", async () => {
    const code = `const { AsyncLocalStorage } = require("node:async_hooks"); const s = new AsyncLocalStorage();
      s.run(1, () => { setTimeout(() => seen.push(s.getStore()), 1); setImmediate(() => seen.push(s.getStore())); });
      s.run(2, () => { const t = setInterval(() => { clearInterval(t); seen.push(s.getStore()); }, 5); });
      await later(40); seen.push(s.getStore() ?? null)`;
    expect(await seen(code)).toEqual([1, 1, 2, null]);
    for (const set of ["setTimeout", "setInterval", "setImmediate"]) {
      const late = `(${set} as any)(() => { throw new RangeError("${set}") }, 1); await new Promise(() => {});`;
      expect((await execute(kernel, late)).reply).toMatchObject({ ename: "RangeError", evalue: set });
    }
  });

  it("refused where there is nothing to call, and printed without anything of the kernel's", async () => {
    for (const set of ["setTimeout", "setInterval", "setImmediate"]) {
      expect((await execute(kernel, `(${set} as any)("text")`)).reply.evalue).toMatch(
        /"callback" argument must be of type function/,
      );
    }
    const { outputs } = await execute(kernel, "[setTimeout(() => {}, 1), setImmediate(() => {})]");
    expect(outputs).toMatchObject([{ data: { "text/plain": "[ Timeout {}, Immediate {} ]" } }]);
  });
});
