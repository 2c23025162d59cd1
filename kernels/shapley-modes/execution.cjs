// One execute_request after another: counts, output, results, errors.
"use strict";

const { AsyncLocalStorage } = require("node:async_hooks");
const { createCallbacks } = require("./callbacks.cjs");
const { createComms } = require("./comms.cjs");
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
  /** Header of the latest execute_request: output of code that no cell is known to have started is shown there. */
  let parent = {};
  /** Where output goes that is captured: to a function, which says whether it takes it. */
  const captures = new AsyncLocalStorage();

  const cell = () => runs.current()?.header ?? parent;
  const captured = (type, content) => captures.getStore()?.(type, content) === true;
  const publish = (type, content) => captured(type, content) || link.publish(type, content, cell());
  captureOutput((name, text) => captured("stream", { name, text }) || link.write(name, text, cell()));
  const comms = createComms(link.publish, cell, createCallbacks(runs, failure));
  installHook(publish, runs.signal, {
    ...comms.hook,
    cell: () => cell().msg_id,
    capture: (sink, work) => captures.run(sink, work),
    traceback: (thrown) => describeError(thrown, past).traceback.join("\n"),
  });

  /** Runs the code of an execute_request and returns the content of its reply. */
  async function execute(header, { code, silent = false, store_history: counts = true }) {
    parent = header;
    if (counts && !silent) count++;
    const tell = (type, content) => silent || link.publish(type, content, header);
    tell("execute_input", { code, execution_count: count });
    const cell = { name: `cell [${count}]`, code };
    remember(cell);
    const run = runs.begin(header);
    try {
      const bundle = await run.within(() => outcome(code, cell, run.interruption));
      comms.settle();
      if (bundle) tell("execute_result", { ...bundle, execution_count: count });
      return { status: "ok", execution_count: count, payload: [], user_expressions: {} };
    } catch (thrown) {
      run.controller.abort(thrown);
      comms.settle();
      const error = describeError(thrown, past);
      tell("error", error);
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

  return { execute, interrupt: runs.interrupt, failure, comms };
}

module.exports = { createExecution };
