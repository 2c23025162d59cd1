// Does an interrupt at a random moment always end in an error reply and a kernel that runs the next cell? And does a kernel that is
// stopped, or ends itself by process.exit, end as it should?
//
//   npm run build && node scripts/interrupt-kernels.mjs [--kernels 10] [--interrupts 500] [--stops 200] [--exits 100]
//     [--load 2] [--latest 2000] [--seed 1] [--json]
//
// Interrupts are spread over the kernels, and over the kinds of work below, at moments from 0 to --latest milliseconds after a cell has
// begun; so many processes (--load) keep the machine's cores busy meanwhile. Exit code 1 where anything hangs, dies or aborts.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seeded } from "../dist/index.js";
import { startKernel } from "../dist/notebook/run/client.js";
import { kernelSpec } from "../dist/notebook/run/kernelspec.js";

const { values } = parseArgs({
  options: {
    kernels: { type: "string", default: "10" },
    interrupts: { type: "string", default: "500" },
    stops: { type: "string", default: "200" },
    exits: { type: "string", default: "100" },
    load: { type: "string", default: "2" },
    latest: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [kernels, interrupts, stops, exits, load, latest] = [
  values.kernels,
  values.interrupts,
  values.stops,
  values.exits,
  values.load,
  values.latest,
].map(Number);
const random = seeded(Number(values.seed));
/** Milliseconds after which what does not come counts as hanging. */
const patience = 60_000;

const work = {
  sorting: "const sorted = Array.from({ length: 2e6 }, () => Math.random()).sort((a, b) => a - b); sorted.length",
  "a loop": "while (true);",
  "a wait": "await new Promise(() => {});",
  microtasks: "while (true) await undefined;",
  timers:
    "const again = () => { setTimeout(again, 1); for (let i = 0; i < 1e6; i++); }; again(); await new Promise(() => {});",
  "an interval":
    "setInterval(() => { const t = Date.now(); while (Date.now() - t < 30); }, 5); await new Promise(() => {});",
  immediates:
    "const next = () => { setImmediate(next); for (let i = 0; i < 1e5; i++); }; next(); await new Promise(() => {});",
  "a pattern": 'await undefined; /^(a+)+$/.test("a".repeat(40) + "b");',
  "an import":
    'for (const name of Object.keys(require.cache)) if (/mathjs/.test(name)) delete require.cache[name];\nrequire("mathjs").mean(1, 2);',
  "typed arrays":
    "const noise = new Float64Array(5e6); for (;;) { for (let i = 0; i < noise.length; i++) noise[i] = Math.sin(i); noise.sort(); }",
  "shapley modes":
    'import { gameFrom, shapley } from "shapley-modes"; const game = await gameFrom(12, (intact) => { for (let i = 0; i < 20_000; i++); return intact.size ** 2; });\nawait shapley(game, { orderings: 1e6 });',
  printing: 'for (;;) console.log("x".repeat(200));',
};

/** What comes of a promise, or `late` where it takes too long. */
async function soon(promise, late) {
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, patience, late);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const folder = mkdtempSync(join(tmpdir(), "shapley-modes-interrupts-"));
const start = () => startKernel(kernelSpec(), { cwd: folder, env: { SHAPLEY_MODES_PROGRESS: "0" }, startSeconds: 120 });
const execute = (kernel, code, onMessage) => kernel.request("execute_request", { code, silent: false }, onMessage);
const tell = (text) => values.json || process.stdout.write(`${text}\n`);

/** Interrupts one cell, and says how that ended: `interrupted`, `done` before, `kernel ended itself`, `died`, or `hung`. */
async function interruptOne(kernel, code) {
  let begin;
  // The interrupt has a socket of its own: sent at once it may come before the cell.
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const running = execute(kernel, code, begin).catch((error) => ({ ename: error.name }));
  await Promise.race([begun, running]);
  await new Promise((resolve) => setTimeout(resolve, random.uniform(0, latest)));
  kernel.interrupt();
  const reply = await soon(running, { ename: "hung" });
  if (reply.ename === "hung") return "hung";
  if (reply.ename === "KernelEnded") return `kernel ended itself: ${await kernel.died.catch((error) => error.message)}`;
  if (reply.ename === "KernelDiedError") return "died";
  if (reply.status !== "ok" && reply.ename !== "Interrupted") return `failed: ${reply.ename}: ${reply.evalue}`;
  const alive = "await new Promise((r) => setTimeout(r, 1)); await new Promise((r) => setImmediate(r)); 1";
  // An interrupt that came just after the end of its cell may meet this one.
  let next = await soon(execute(kernel, alive), { ename: "hung" });
  if (reply.status === "ok" && next.ename === "Interrupted")
    next = await soon(execute(kernel, alive), { ename: "hung" });
  if (next.status !== "ok") return `hung, or failed, in the next cell: ${next.ename}`;
  return reply.status === "ok" ? "done" : "interrupted";
}

async function interruptKernels() {
  const names = Object.keys(work);
  const told = {};
  const slowest = [];
  const each = Math.ceil(interrupts / kernels);
  let kernel;
  for (let i = 0; i < interrupts; i++) {
    // A fresh kernel in its turn, and another one where one is lost.
    if (i % each === 0) {
      await kernel?.stop();
      kernel = undefined;
    }
    kernel ??= await start();
    const name = names[(i % each) % names.length];
    const begun = performance.now();
    const outcome = await interruptOne(kernel, work[name]);
    slowest.push([Math.round(performance.now() - begun), name]);
    const kind = outcome.split(":")[0];
    told[kind] = (told[kind] ?? 0) + 1;
    if (kind !== "interrupted" && kind !== "done") {
      tell(`interrupt ${i + 1}, ${name}: ${outcome}`);
      kernel.kill();
      kernel = undefined;
    }
  }
  await kernel?.stop();
  slowest.sort(([a], [b]) => b - a);
  return { ...told, slowest: slowest.slice(0, 3) };
}

/** How often a kernel's end was another than the one expected. */
async function endKernels(count, expected, end) {
  const wrong = [];
  for (let i = 0; i < count; i++) {
    const kernel = await start();
    const died = kernel.died.catch((error) => error.message);
    await end(kernel);
    const how = await soon(died, "hung");
    if (!expected.test(how)) wrong.push(how);
    kernel.kill();
  }
  for (const how of wrong) tell(`a kernel ended otherwise: ${how}`);
  return { ended: count - wrong.length, otherwise: wrong.length };
}

const burners = Array.from({ length: load }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
process.on("exit", () => {
  for (const burner of burners) burner.kill("SIGKILL");
});
const report = { interrupts: await interruptKernels() };
tell(`interrupts: ${JSON.stringify(report.interrupts)}`);
// Idle, printing, and at its start: whatever it does, it ends with exit code 0.
const before = ["1", 'setInterval(() => console.log("x"), 1)', "undefined"];
let turn = 0;
report.stops = await endKernels(stops, /^the kernel ended \(exit code 0\)$/, async (kernel) => {
  await execute(kernel, before[turn++ % before.length]);
  void kernel.request("shutdown_request", { restart: false }).catch(() => {});
});
tell(`stops: ${JSON.stringify(report.stops)}`);
report.exits = await endKernels(exits, /^the kernel ended \(exit code 3\)$/, (kernel) =>
  execute(kernel, "await 1; process.exit(3); await new Promise(() => {});").catch(() => {}),
);
tell(`exits: ${JSON.stringify(report.exits)}`);
const { interrupted = 0, done = 0 } = report.interrupts;
report.failed = interrupts - interrupted - done + report.stops.otherwise + report.exits.otherwise;
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
rmSync(folder, { recursive: true, force: true });
process.exit(report.failed > 0 ? 1 : 0);
