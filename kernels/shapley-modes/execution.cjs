// One execute_request after another: counts, output, results, errors.
"use strict";

const { describeError, InterruptedError } = require("./errors.cjs");
const { captureOutput, installHook, resultBundle } = require("./output.cjs");

/** How many past cells an error can show lines of. */
const remembered = 200;

/**
 * @param {ReturnType<import("./cells.cjs").createCells>} cells
 * @param {ReturnType<import("./runs.cjs").createRuns>} runs
 * @param {ReturnType<import("./link.cjs").createLink>} link
 */
function createExecution(cells, runs, link) {
  const past = new Map();
  let count = 0;
  /** Header of the latest execute_request: late output is shown in the cell that ran last. */
  let parent = {};

  const publish = (type, content) => link.publish(type, content, parent);
  captureOutput((name, text) => link.write(name, text, parent));
  installHook(publish, runs.signal);

  /** Runs the code of an execute_request and returns the content of its reply. */
  async function execute(header, { code, silent = false, store_history: counts = true }) {
    parent = header;
    if (counts && !silent) count++;
    if (!silent) publish("execute_input", { code, execution_count: count });
    const cell = { name: `cell [${count}]`, code };
    remember(cell);
    const run = runs.begin();
    try {
      const bundle = await run.within(() => outcome(code, cell, run.interruption));
      if (bundle && !silent) publish("execute_result", { ...bundle, execution_count: count });
      return { status: "ok", execution_count: count, payload: [], user_expressions: {} };
    } catch (thrown) {
      run.controller.abort(thrown);
      const error = describeError(thrown, past);
      if (!silent) publish("error", error);
      return { status: "error", execution_count: count, ...error };
    } finally {
      runs.end(run);
    }
  }

  async function outcome(code, cell, interruption) {
    const { value } = await Promise.race([cells.run(code, cell, interruption), interruption]);
    const bundle = value === undefined ? undefined : await Promise.race([resultBundle(value), interruption]);
    // A promise that failed with nobody waiting for it is known one turn of the event loop later.
    await Promise.race([new Promise(setImmediate), interruption]);
    return bundle;
  }

  function remember(cell) {
    past.delete(cell.name);
    past.set(cell.name, cell);
    if (past.size > remembered) past.delete(past.keys().next().value);
  }

  /** Takes an error that no code was waiting for: it fails the cell that it comes from, or is told on stderr. */
  function failure(thrown) {
    const run = runs.current();
    // What an interrupted cell left behind has ended: nobody needs to know how.
    if (thrown instanceof InterruptedError || run?.abandonment.signal.aborted) return;
    if (run && run === runs.running()) run.fail(thrown);
    else process.stderr.write(`${describeError(thrown, past).traceback.join("\n")}\n`);
  }

  return { execute, interrupt: runs.interrupt, failure };
}

module.exports = { createExecution };
