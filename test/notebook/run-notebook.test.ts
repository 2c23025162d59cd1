import { describe, expect, it } from "vitest";
import { notebookText } from "../../src/notebook/run/nbformat.js";
import { runNotebook } from "../../src/notebook/run/run-notebook.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";
import { isAlive } from "../helpers/processes.js";

describe("runNotebook", () => {
  it("returns the notebook executed and leaves the given one as it was", async () => {
    const given = notebookOf("let a = 2;", "", "console.log(a); a * 21");
    const { notebook, failure } = await runNotebook(given);
    expect(failure).toBeUndefined();
    const [first, empty, last] = codeCells(notebook);
    expect([first.execution_count, empty.execution_count, last.execution_count]).toEqual([1, null, 2]);
    expect(last.outputs).toMatchObject([{ name: "stdout", text: "2\n" }, { data: { "text/plain": "42" } }]);
    expect(notebook.metadata.language_info).toMatchObject({ name: "typescript" });
    expect(codeCells(given).flatMap((cell) => cell.outputs)).toEqual([]);
  });

  it("a failing cell ends the run, is in the notebook, and later cells do not run", async () => {
    const { notebook, failure } = await runNotebook(
      notebookOf("1", "throw new RangeError('bad')", "console.log('ran')"),
    );
    expect(failure).toEqual({ cell: 2, ename: "RangeError", evalue: "bad" });
    const [, failed, later] = codeCells(notebook);
    expect(failed.outputs).toMatchObject([{ output_type: "error", ename: "RangeError", evalue: "bad" }]);
    expect(later).toMatchObject({ execution_count: null, outputs: [] });
  });

  it("a cell tagged raises-exception may fail, and the ones after it run", async () => {
    const cells = notebookOf(["throw new Error('meant')", "raises-exception"], "7");
    const { notebook, failure } = await runNotebook(cells);
    expect(failure).toBeUndefined();
    const [meant, later] = codeCells(notebook);
    expect(meant.outputs).toMatchObject([{ output_type: "error", evalue: "meant" }]);
    expect(later.outputs).toMatchObject([{ data: { "text/plain": "7" } }]);
  });

  it("parameters are assigned after the cell that declares them", async () => {
    const declaring = 'let profile = "default"; let seed = 1; const told = () => "seed is " + seed;';
    const cells = notebookOf([declaring, "parameters"], "[profile, seed, told()]");
    const { notebook } = await runNotebook(cells, { parameters: { profile: "smoke", seed: 0 } });
    const [, injected, shown] = codeCells(notebook);
    expect(injected.metadata.tags).toEqual(["injected-parameters"]);
    expect(injected.outputs).toEqual([]);
    expect(shown.outputs).toMatchObject([{ data: { "text/plain": "[ 'smoke', 0, 'seed is 0' ]" } }]);
  });

  it("a wrong parameter is an error before any kernel starts", async () => {
    const cells = notebookOf(["let seed = 1;", "parameters"]);
    const kernel = { argv: ["/nowhere"], display_name: "", language: "", interrupt_mode: "signal" } as const;
    await expect(runNotebook(cells, { kernel, parameters: { sede: 2 } })).rejects.toThrow(
      'invalid parameter; expected one of seed; received "sede"',
    );
  });

  // A loop that gives the event loop no turn, and leaves the processor to others.
  const endless = "const cell = new Int32Array(new SharedArrayBuffer(4)); while (true) Atomics.wait(cell, 0, 0, 5);";
  it.concurrent.each([
    ["waits", "console.log('on'); await new Promise(() => {});"],
    ["computes without a pause", `console.log('on'); ${endless}`],
    ["computes without a pause after an await", `console.log('on'); await 1; ${endless}`],
  ])("a cell that %s is stopped when its time is over", async (_name, code) => {
    // The time includes TypeScript's start, for which a loaded machine may need all of it: the cell has not begun then.
    for (let seconds = 5; ; seconds *= 2) {
      const { notebook, failure } = await runNotebook(notebookOf(code, "2"), { timeoutSeconds: seconds });
      expect(failure).toEqual({ cell: 1, ename: "CellTimeout", evalue: `the cell took longer than ${seconds} s` });
      const [cell, later] = codeCells(notebook);
      if (cell.outputs.length === 1 && seconds < 60) continue;
      expect(cell.outputs).toMatchObject([{ text: "on\n" }, { output_type: "error", ename: "CellTimeout" }]);
      expect(later.execution_count).toBeNull();
      break;
    }
  });

  it.each([
    ["process.exit(3)", /exit code 3/],
    ['process.kill(process.pid, "SIGKILL")', /signal SIGKILL/],
  ])("the kernel's death by %s is an error output of the cell it happened in", async (code, how) => {
    const { notebook, failure } = await runNotebook(notebookOf("1", `await 1; ${code}; await new Promise(() => {})`));
    expect(failure).toMatchObject({ cell: 2, ename: "KernelDiedError" });
    expect(failure?.evalue).toMatch(how);
    expect(failure?.evalue).toMatch(/while cell 2 of 2 was running/);
    expect(codeCells(notebook)[1].outputs).toMatchObject([{ output_type: "error", ename: "KernelDiedError" }]);
  });

  it("a tripped signal ends the run and the kernel", async () => {
    const stop = new AbortController();
    let pid = 0;
    const cells = notebookOf("process.pid", "await new Promise(() => {})");
    const running = runNotebook(cells, {
      signal: stop.signal,
      onCell({ number, state, cell }) {
        const [output] = cell.outputs;
        if (number === 1 && state === "done" && output.output_type === "execute_result") {
          pid = Number(output.data["text/plain"]);
        }
        if (number === 2) setTimeout(() => stop.abort(), 200);
      },
    });
    expect((await running).failure).toMatchObject({ cell: 2, ename: "Stopped" });
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });

  it("two runs with the same seed differ only in times", async () => {
    const cells = notebookOf(
      ["let seed = 1;", "parameters"],
      `import { contributionBarsFigure, display, gameFrom, provenance, shapley, table } from "shapley-modes";
       const game = await gameFrom(6, (intact) => [intact.size ** 2, intact.has("3") ? 1 : 0]);
       const modes = await shapley(game, { estimator: "permutation", orderings: 20, seed, progress: false });
       modes`,
      "await modes.toDataFrame()",
      "await display(contributionBarsFigure(modes.meanOverOutputs())); table([modes.provenance])",
      "provenance()",
    );
    const run = async (seed: number) => {
      const { notebook, failure } = await runNotebook(cells, { parameters: { seed } });
      expect(failure).toBeUndefined();
      return notebookText(notebook);
    };
    const texts = [await run(5), await run(5)];
    const withoutTimes = texts.map((text) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"));
    expect(withoutTimes[1]).toBe(withoutTimes[0]);
    for (const shown of ["ShapleyModes: 6 units, outputs [2]", "DataFrame: 12 rows × 6 columns", "<svg"]) {
      expect(withoutTimes[0]).toContain(shown);
    }
    expect(withoutTimes[0].match(/TIME/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it("clear_output with wait keeps the old output until the next one", async () => {
    const hook = '(globalThis as any)[Symbol.for("shapley-modes.kernel")]';
    const { notebook } = await runNotebook(
      notebookOf(
        `console.log("old"); ${hook}.clearOutput(true); console.log("new");`,
        `console.log("kept"); ${hook}.clearOutput(true);`,
        `console.log("gone"); ${hook}.clearOutput();`,
      ),
    );
    expect(codeCells(notebook).map((cell) => cell.outputs.map((output) => "text" in output && output.text))).toEqual([
      ["new\n"],
      ["kept\n"],
      [],
    ]);
  });

  it("a display is updated from a later cell", async () => {
    const { notebook } = await runNotebook(
      notebookOf(
        'import { display } from "shapley-modes"; await display(1, { id: "d" });',
        'await display(2, { id: "d", update: true });',
      ),
    );
    const [shown, updating] = codeCells(notebook);
    expect(shown.outputs).toMatchObject([{ output_type: "display_data", data: { "text/plain": "2" } }]);
    expect(updating.outputs).toEqual([]);
  });
});
