import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import type { Message } from "../../src/notebook/run/wire.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";
import { isAlive } from "../helpers/processes.js";

const place = temporaryFolder();
let kernel: KernelClient;

beforeAll(async () => {
  mkdirSync(join(place.folder, "runs"));
  kernel = await startKernel(kernelSpec(), { cwd: place.folder, env: { SHAPLEY_MODES_PROGRESS: "0" } });
  await execute(
    kernel,
    'import { gameFrom, lastPartial, shapley } from "shapley-modes"; import "node:timers/promises";',
  );
});

afterAll(async () => {
  await kernel?.stop();
  place.remove();
});

/** Runs a cell and interrupts it as soon as it prints. */
async function interruptedWhenItPrints(code: string, onMessage: (message: Message) => void = () => {}) {
  let sent = false;
  return kernel.request("execute_request", { code, silent: false }, (message) => {
    onMessage(message);
    if (message.type === "stream" && !sent) kernel.interrupt();
    sent ||= message.type === "stream";
  });
}

/** Runs a cell that does not end by itself, and interrupts it some milliseconds after it has begun. */
async function interruptedAfter(milliseconds: number, code: string) {
  const content = { code: `console.log("on");\n${code}`, silent: false };
  return kernel.request("execute_request", content, ({ type }) => {
    if (type === "stream") setTimeout(kernel.interrupt, milliseconds);
  });
}

const value = async (code: string) => {
  const [output] = (await execute(kernel, code)).outputs;
  return output?.output_type === "execute_result" ? output.data["text/plain"] : output;
};

const loops: [string, string][] = [
  ["an await that never ends", "await new Promise(() => {});"],
  ["a synchronous loop", "while (true) {}"],
  ["a synchronous loop after an await", "await new Promise((r) => setTimeout(r, 10)); while (true) {}"],
  ["a loop that only awaits what is there", "while (true) await undefined;"],
  ["a loop that catches everything", "await undefined; for (;;) try { while (true); } catch {} finally { continue }"],
  ["a loop in a timer's callback", "await new Promise(() => setTimeout(() => { while (true); }, 5));"],
  ["a loop in an immediate's callback", "await new Promise(() => setImmediate(() => { while (true); }));"],
  ["a loop in a next tick", "await new Promise(() => process.nextTick(() => { while (true); }));"],
  ["a regular expression that runs away", 'await undefined; /^(a+)+$/.test("a".repeat(40) + "b");'],
  [
    "WebAssembly that never returns",
    `await undefined;
     const wasm = Buffer.from("AGFzbQEAAAABBAFgAAADAgEABwUBAWYAAAoJAQcAA0AMAAsL", "base64");
     const W = (globalThis as any).WebAssembly; new W.Instance(new W.Module(wasm)).exports.f();`,
  ],
];

describe("an interrupt", () => {
  it.each(loops)("ends %s, and the kernel goes on", async (_, code) => {
    expect(await interruptedAfter(0, code)).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(await value("5")).toBe("5");
  });

  it.each(loops)("also where asynchronous calls are being followed (%s)", async (_, code) => {
    await execute(
      kernel,
      'import { AsyncLocalStorage } from "node:async_hooks"; new AsyncLocalStorage().enterWith(1);',
    );
    expect(await interruptedAfter(60, `${code} `)).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(await value("6")).toBe("6");
  });

  it.each([
    ["sleeps", "await new Promise((r) => setTimeout(r, 2));"],
    ["sleeps by setImmediate", "await new Promise((r) => setImmediate(r));"],
    ["sleeps by a promise", 'await require("node:timers/promises").setTimeout(2);'],
  ])("leaves no loop behind that %s", async (_, sleep) => {
    await execute(kernel, "globalThis.steps = 0;".replace("globalThis", "(globalThis as any)"));
    const reply = await interruptedAfter(50, `while (true) { (globalThis as any).steps++; ${sleep} }`);
    expect(reply).toMatchObject({ ename: "Interrupted" });
    const steps = await value("(globalThis as any).steps");
    expect(Number(steps)).toBeGreaterThan(0);
    expect(await value("await new Promise((r) => setTimeout(r, 60)); (globalThis as any).steps")).toBe(steps);
  });

  it("does not end the loading of a module halfway", async () => {
    await interruptedWhenItPrints('console.log("on"); const { sum } = require("mathjs"); sum(1, 2)');
    // The cell may have ended before: this is answered after the interrupt, which does not meet the next cell then.
    await kernel.request("interrupt_request", {});
    expect(await value('const { sum: again } = require("mathjs"); again(1, 2)')).toBe("3");
  });

  it("between two cells harms nothing", async () => {
    // The request has a socket of its own: only its answer says that it came before the cell, and not while that was
    // running.
    expect(await kernel.request("interrupt_request", {})).toMatchObject({ status: "ok" });
    expect(await value("7")).toBe("7");
  });
});

describe("an interrupted shapley", () => {
  // Prints as its 2000th evaluation begins, and is slow from then on: what it is played in does not end by itself.
  beforeAll(async () => {
    const code = `let asked = 0;
      const game = await gameFrom(12, (intact) => {
        if (++asked === 2000) console.log("on");
        const until = performance.now() + 0.2;
        while (asked >= 2000 && performance.now() < until);
        return intact.size ** 2;
      });`;
    expect((await execute(kernel, code)).reply.status).toBe("ok");
  });

  it("ends its cell with how far it came, and lastPartial has the modes", async () => {
    const reply = await interruptedWhenItPrints("asked = 0; await shapley(game, { orderings: 1_000_000 });");
    expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(reply.evalue).toMatch(
      /^interrupted after [1-9]\d* of 1000000 orderings; lastPartial\(\) has the modes so far/,
    );
    expect(reply.traceback).toHaveLength(1);
    expect(await value("const part = lastPartial()!; [part.complete, part.units.length]")).toBe("[ false, 12 ]");
    expect(Number(await value("part.efficiencyGap"))).toBeLessThan(1e-9);
  });

  it("can be caught in its cell", async () => {
    const results: unknown[] = [];
    const code = `asked = 0;
      await shapley(game, { orderings: 1_000_000 }).catch((error) => [error.name, error.partial.complete])`;
    await interruptedWhenItPrints(code, ({ type, content }) => {
      if (type === "execute_result") results.push(content.data);
    });
    expect(results).toEqual([{ "text/plain": "[ 'Interrupted', false ]" }]);
  });

  it("goes on from its folder when the cell is run again", async () => {
    const code = 'const modes = await shapley(game, { orderings: 30000, resume: "runs/a" });';
    const reply = await interruptedWhenItPrints(`asked = 0; ${code}`);
    expect(reply.evalue).toMatch(/run again to go on from runs\/a$/);
    const { outputs } = await execute(kernel, `asked = -Infinity; ${code} modes.complete`);
    expect(outputs).toMatchObject([
      {
        name: "stderr",
        text: expect.stringMatching(/^going on from runs\/a: [1-9]\d* of 30000 orderings are there\n$/),
      },
      { data: { "text/plain": "true" } },
    ]);
    const same = "(await shapley(game, { orderings: 30000 })).values.every((x, i) => x === modes.values[i])";
    expect(await value(same)).toBe("true");
  });

  it("leaves its sums to lastPartial where the game never returned", async () => {
    // 1 + 2 evaluations, and 24 chunks of 4 orderings of 2 each, are answered when it is stuck.
    const code = `let asked = 0;
      const stuck = await gameFrom(3, (intact) => {
        if (++asked > 200) { console.log("stuck"); while (true); }
        return intact.size;
      });
      await shapley(stuck, { orderings: 1000 });`;
    expect(await interruptedWhenItPrints(code)).toMatchObject({ ename: "Interrupted" });
    expect(await value("lastPartial()!.provenance.orderings")).toBe("96");
  });
});

describe("a cell that computes without a pause", () => {
  /** Begins a cell, and waits until it prints. */
  const untilItPrints = (own: KernelClient, code: string) =>
    new Promise<void>((resolve) => {
      own
        .request("execute_request", { code, silent: false }, ({ type }) => type === "stream" && resolve())
        .catch(() => {});
    });

  it("leaves the heartbeat answered, and what it printed seen", async () => {
    const { Request } = await import("zeromq");
    // The connection file goes when the kernel has answered.
    const copy = join(place.folder, "connection.json");
    const copying = `import { copyFileSync } from "node:fs"; import { isMainThread } from "node:worker_threads";
      if (isMainThread) copyFileSync(process.argv.at(-1), ${JSON.stringify(copy)});`;
    const spec = kernelSpec();
    const [node, ...rest] = spec.argv;
    const argv = [node, "--import", `data:text/javascript,${encodeURIComponent(copying)}`, ...rest];
    const own = await startKernel({ ...spec, argv }, { cwd: place.folder });
    const heart = new Request({ linger: 0, receiveTimeout: 120_000 });
    heart.connect(`tcp://127.0.0.1:${JSON.parse(readFileSync(copy, "utf8")).hb_port}`);
    try {
      await untilItPrints(own, 'console.log("on"); await undefined; while (true);');
      await heart.send("ping");
      expect(String((await heart.receive())[0])).toBe("ping");
    } finally {
      heart.close();
      await own.stop();
    }
  });

  it("answers when the kernel is asked to end", async () => {
    const own = await startKernel(kernelSpec(), { cwd: place.folder });
    await untilItPrints(own, 'console.log("on"); while (true);');
    expect(await own.request("shutdown_request", { restart: false })).toEqual({ status: "ok", restart: false });
    await own.stop();
    expect(isAlive(own.pid)).toBe(false);
  });
});

describe("an error that nobody waited for", () => {
  it("is told in the cell that it comes from, and does not fail the one that runs then", async () => {
    const before = await execute(
      kernel,
      `let ended = false, failed = () => {}; const timer = setInterval(() => {
        if (!ended) return;
        clearInterval(timer);
        Promise.reject(new Error("from before"));
        failed();
      }, 1); 7`,
    );
    const code = "ended = true; await new Promise<void>((resolve) => { failed = resolve; }); 8";
    const { reply, outputs } = await execute(kernel, code);
    expect(reply.status).toBe("ok");
    expect(outputs).toMatchObject([{ data: { "text/plain": "8" } }]);
    expect(before.outputs).toMatchObject([
      { data: { "text/plain": "7" } },
      { output_type: "stream", name: "stderr", text: expect.stringMatching(/from before[\s\S]*cell \[\d+\], line 4/) },
    ]);
  });

  it("fails the cell that it comes from, thrown or rejected", async () => {
    for (const late of ['throw new RangeError("late")', 'void Promise.reject(new RangeError("late"))']) {
      const code = `await new Promise((r) => { setTimeout(() => { ${late}; }, 10); setTimeout(r, 5000); });`;
      expect((await execute(kernel, code)).reply).toMatchObject({ ename: "RangeError", evalue: "late" });
    }
  });
});
