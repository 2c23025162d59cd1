import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import type { Message } from "../../src/notebook/run/wire.js";
import { execute } from "../helpers/notebooks.js";
import { isAlive } from "../helpers/processes.js";
import { useKernel } from "./use-kernel.js";

let kernel: KernelClient;
const folder = useKernel((started) => {
  kernel = started;
});

/** Runs a cell in a kernel and interrupts it when it prints. */
function interruptedWhenItPrints(own: KernelClient, code: string, onMessage: (message: Message) => void = () => {}) {
  let sent = false;
  return own.request("execute_request", { code, silent: false }, (message) => {
    onMessage(message);
    if (message.type === "stream" && !sent) own.interrupt();
    sent ||= message.type === "stream";
  });
}

describe("an interrupt", () => {
  it("ends what a timer of an ended cell does without a pause, and the next cell runs", async () => {
    const begun = new Promise<void>((resolve) => {
      const code = 'setTimeout(() => { console.log("on"); while (true); }, 5); 1';
      void kernel.request("execute_request", { code, silent: false }, ({ type }) => type === "stream" && resolve());
    });
    await begun;
    expect(await kernel.request("interrupt_request", {})).toEqual({ status: "ok" });
    const next = await execute(kernel, "await new Promise((r) => setTimeout(r, 1)); 2");
    expect(next.outputs).toMatchObject([{ data: { "text/plain": "2" } }]);
  });

  it("does not let a loop whose steps fail at once go on behind its cell", async () => {
    await execute(kernel, "(globalThis as any).steps = 0;");
    const code = `import { setTimeout as sleep } from "node:timers/promises";
      console.log("on");
      while (true) { (globalThis as any).steps++; try { await sleep(1); } catch {} }`;
    expect(await interruptedWhenItPrints(kernel, code)).toMatchObject({ ename: "Interrupted" });
    const again = "await new Promise((r) => setTimeout(r, 20)); (globalThis as any).steps";
    const [first, second] = [await execute(kernel, again), await execute(kernel, again)];
    expect(second.outputs).toMatchObject([{ data: (first.outputs[0] as { data: object }).data }]);
  });

  it("ends a module that never comes to its end, and the next import loads it anew", async () => {
    const file = join(folder, "endless.cjs");
    writeFileSync(file, 'console.log("on"); while (true);');
    expect(await interruptedWhenItPrints(kernel, 'require("./endless.cjs")')).toMatchObject({ ename: "Interrupted" });
    writeFileSync(file, "module.exports = 7;");
    expect((await execute(kernel, 'require("./endless.cjs")')).outputs).toMatchObject([
      { data: { "text/plain": "7" } },
    ]);
  });

  it.each([
    [
      "a callback of one of Node's own timers, such as a socket's",
      `const socket = new (require("node:net").Socket)();
      socket.setTimeout(5, () => { console.log("on"); while (true); });
      await new Promise(() => {});`,
    ],
    ["the loading of an ES module, which Node can not begin again", 'require("./endless.mjs")'],
  ])("of %s says that the kernel ends itself, and it does", async (_, code) => {
    writeFileSync(join(folder, "endless.mjs"), 'console.log("on"); while (true);');
    const own = await startKernel(kernelSpec(), { cwd: folder });
    const seen: string[] = [];
    const reply = await interruptedWhenItPrints(own, code, ({ type, content }) => {
      if (type === "error") seen.push(String(content.ename));
    });
    expect(reply).toMatchObject({ status: "error", ename: "KernelEnded", execution_count: 1 });
    expect(reply.evalue).toMatch(/it ends itself, and its variables are lost/);
    expect(seen).toEqual(["KernelEnded"]);
    await expect(own.died).rejects.toThrow(/signal SIGKILL.*variables are lost/);
    expect(isAlive(own.pid)).toBe(false);
  });
});

describe("a client", () => {
  it("kills a kernel that does not answer, also where something holds its output open", async () => {
    const own = await startKernel(kernelSpec(), { cwd: folder });
    const code = `const { pid } = require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "inherit" });
      console.log(pid);`;
    const { outputs } = await execute(own, code);
    const sleeping = Number((outputs[0] as { text: string }).text);
    process.kill(own.pid, "SIGSTOP"); // once it has answered the cell
    try {
      await own.stop();
      expect(isAlive(own.pid)).toBe(false);
      expect(isAlive(sleeping)).toBe(true);
    } finally {
      process.kill(sleeping, "SIGKILL");
    }
  });
});
