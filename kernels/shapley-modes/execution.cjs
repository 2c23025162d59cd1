// One execute_request after another: counts, output, results, errors, interruption.
"use strict";

const { describeError, InterruptedError } = require("./errors.cjs");
const { captureOutput, installHook, resultBundle } = require("./output.cjs");

/** Milliseconds that a computation which watches the signal has, to end by itself with what it has so far. */
const grace = 1000;
/** How many past cells an error can show lines of. */
const remembered = 200;

/**
 * @param {ReturnType<import("./cells.cjs").createCells>} cells
 * @param {(type: string, content: object, parent: object) => void} send sends a message on the iopub channel
 */
function createExecution(cells, send) {
  const past = new Map();
  let count = 0;
  /** Header of the latest execute_request: late output is shown in the cell that ran last. */
  let parent = {};
  let running;

  const output = captureOutput((type, content) => send(type, content, parent));
  installHook(output.publish, () => {
    if (!running) return AbortSignal.abort(new InterruptedError());
    running.watched = true;
    return running.controller.signal;
  });

  /** Runs the code of an execute_request and returns the content of its reply. */
  async function execute(header, { code, silent = false }) {
    parent = header;
    if (!silent) output.publish("execute_input", { code, execution_count: ++count });
    const cell = { name: `cell [${count}]`, code };
    remember(cell);
    running = startRun();
    try {
      const bundle = await outcome(code, cell, running.interruption);
      if (bundle && !silent) output.publish("execute_result", { ...bundle, execution_count: count });
      return { status: "ok", execution_count: count, payload: [], user_expressions: {} };
    } catch (thrown) {
      running.controller.abort(new InterruptedError());
      const error = describeError(thrown, past);
      if (!silent) output.publish("error", error);
      return { status: "error", execution_count: count, ...error };
    } finally {
      clearTimeout(running.timer);
      running = undefined;
      output.flush();
    }
  }

  function startRun() {
    const run = { controller: new AbortController(), watched: false };
    run.interruption = new Promise((_resolve, reject) => {
      run.fail = reject;
    });
    run.interruption.catch(() => {});
    return run;
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

  /** Stops the running cell: at once, or, where something watches its signal, after a second of grace. */
  function interrupt() {
    if (!running) return;
    const { controller, watched, fail } = running;
    const again = controller.signal.aborted;
    const reason = again ? controller.signal.reason : new InterruptedError();
    controller.abort(reason);
    if (again || !watched) fail(reason);
    else running.timer = setTimeout(fail, grace, reason);
  }

  /** Takes an error that no code was waiting for: it fails the running cell, or is told on stderr. */
  function failure(thrown) {
    if (thrown instanceof InterruptedError) return;
    if (running) running.fail(thrown);
    else process.stderr.write(`${describeError(thrown, past).traceback.join("\n")}\n`);
  }

  return { execute, interrupt, failure, count: () => count };
}

module.exports = { createExecution };
