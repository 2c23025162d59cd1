// One execute_request after another: counts, output, results, errors.
"use strict";

const { AsyncLocalStorage } = require("node:async_hooks");
const { createCallbacks } = require("./callbacks.cjs");
const { createComms } = require("./comms.cjs");
const { describeError, InterruptedError } = require("./tracebacks.cjs");
const { captureOutput, installHook, resultBundle } = require("./output.cjs");
const { createPutOff } = require("./put-off.cjs");
const { soon } = require("./turns.cjs");
const { printAsWritten } = require("./written-values.cjs");

/** How many past cells an error can show lines of. */
const remembered = 200;

/**
 * @param {ReturnType<import("./cells.cjs").createCells>} cells
 * @param {ReturnType<import("./runs.cjs").createRuns>} runs
 * @param {ReturnType<import("./link.cjs").createLink>} link
 * @param {ReturnType<import("./history.cjs").createHistory>} history
 */
function createExecution(cells, runs, link, history) {
  const past = new Map();
  let count = 0;
  /** Header of the latest execute_request. */
  let latest = {};
  /** Starts the cell that waits until this thread has proved itself, after work of a widget was ended by force. */
  let waiting;

  // Late output belongs to the cell that it comes from; where nobody knows that, to the cell that ran last.
  const parent = () => runs.current()?.request.header ?? latest;
  /** Where output goes that is captured: to a function, which says whether it takes it. */
  const captures = new AsyncLocalStorage();
  const captured = (type, content) => captures.getStore()?.(type, content) === true;
  const publish = (type, content) => captured(type, content) || link.publish(type, content, parent());
  captureOutput((name, text) => captured("stream", { name, text }) || link.write(name, text, parent()));
  const comms = createComms(link.publish, parent, createCallbacks(runs, failure));
  const putOff = createPutOff(() => runs.running() !== undefined, failure);
  installHook(publish, runs.signal, {
    ...comms.hook,
    beforeEnd: putOff.beforeEnd,
    cell: () => parent().msg_id,
    capture: (take, work) => captures.run(take, work),
    isCaptured: () => captures.getStore() !== undefined,
    traceback: (thrown) => describeError(thrown, past).traceback.join("\n"),
    willPrint: printAsWritten,
  });

  /**
   * Runs the code of an execute_request. Nothing of that is on the stack, and no promise is waited for, when it has to end: what is
   * ended by force takes with it all that was to happen in the same turn.
   *
   * @param {object} request
   * @param {(reply: object) => void} done gets the content of the reply, once
   */
  function execute(request, done) {
    if (runs.isUnproved()) {
      waiting = () => execute(request, done);
      return;
    }
    const { code, silent = false, store_history: counts = true } = request.content;
    latest = request.header;
    if (counts && !silent) count++;
    if (!silent) link.publish("execute_input", { code, execution_count: count }, request.header);
    const cell = { name: `cell [${count}]`, code };
    remember(cell);
    const run = runs.begin(request);
    run.conclude = (outcome) => conclude(run, outcome, done);
    run.cell = cell;
    run.count = count;
    const { socket, header, identities } = request;
    link.running({ socket, header, identities, silent, count });
    run.within(() => outcomeOf(run)).then(run.conclude);
  }

  /** What becomes of a cell: `{ bundle, expressions }` or `{ error }`. Never rejects. */
  async function outcomeOf(run) {
    const { code, user_expressions: expressions } = run.request.content;
    try {
      const bundle = await within(run, evaluate(code, run));
      const values = await within(run, valuesOf(expressions, run));
      await within(run, putOff.settle());
      // A promise that failed with nobody waiting for it is known one turn of the event loop later.
      await within(run, new Promise(soon));
      return { bundle, expressions: values };
    } catch (thrown) {
      run.controller.abort(thrown);
      const error = describeError(thrown, past);
      // What was displayed last comes before the error; who interrupts does not wait for it.
      if (!(thrown instanceof InterruptedError))
        await within(run, putOff.settle()).catch((other) => other !== thrown && tellBeside(other));
      return { error };
    }
  }

  const within = (run, work) => Promise.race([work, run.interruption]);

  /** MIME bundle of the value that code ends in; undefined where there is none. */
  async function evaluate(code, run, cell = run.cell) {
    const { value } = await cells.run(code, cell, run.interruption);
    return value === undefined ? undefined : await resultBundle(value);
  }

  /** The `user_expressions` of a request, each with its value or its error. */
  async function valuesOf(expressions, run) {
    const values = {};
    for (const [name, code] of Object.entries(expressions ?? {})) {
      const cell = { name: `expression ${name}`, code: String(code) };
      remember(cell);
      try {
        const bundle = await within(run, evaluate(cell.code, run, cell));
        values[name] = { status: "ok", ...(bundle ?? { data: { "text/plain": "undefined" }, metadata: {} }) };
      } catch (thrown) {
        if (thrown instanceof InterruptedError) throw thrown;
        values[name] = { status: "error", ...describeError(thrown, past) };
      }
    }
    return values;
  }

  /** Tells an error of what a failing cell displayed last: the cell's own error is another one. */
  function tellBeside(thrown) {
    if (thrown instanceof InterruptedError) return;
    process.stderr.write(`${describeError(thrown, past).traceback.join("\n")}\n`);
  }

  /** Tells how a run ended, and ends it. One whose JavaScript was ended by force waits until this thread has proved itself. */
  function conclude(run, outcome, done) {
    run.outcome ??= outcome;
    if (runs.running() !== run || runs.isTorn(run)) return;
    const { code, silent = false, store_history: counts = true } = run.request.content;
    const { bundle, expressions, error } = run.outcome;
    putOff.settle().catch(() => {});
    const answer = (type, content) => silent || link.publish(type, content, run.request.header);
    if (error) answer("error", error);
    else if (bundle) answer("execute_result", { ...bundle, execution_count: run.count });
    if (counts && !silent) history.add(run.count, code, bundle?.data["text/plain"]);
    link.running(undefined);
    runs.end(run);
    done(
      error
        ? { status: "error", execution_count: run.count, ...error }
        : { status: "ok", execution_count: run.count, payload: [], user_expressions: expressions },
    );
  }

  function remember(cell) {
    past.delete(cell.name);
    past.set(cell.name, cell);
    if (past.size > remembered) past.delete(past.keys().next().value);
  }

  /** Takes an error that no code was waiting for: it fails the cell that it comes from, or is told on that cell's stderr. */
  function failure(thrown) {
    const run = runs.current();
    // What an interrupted cell left behind has ended: nobody needs to know how.
    if (thrown instanceof InterruptedError || run?.isOver()) return;
    if (run && run === runs.running()) run.fail(thrown);
    else process.stderr.write(`${describeError(thrown, past).traceback.join("\n")}\n`);
  }

  /** To be called when JavaScript was ended by force and this thread has proved that it is alive: ends the run, and starts what waited. */
  function survived() {
    runs.proved();
    const run = runs.running();
    if (run?.controller.signal.aborted) {
      runs.mend(run);
      run.conclude({ error: describeError(new InterruptedError(), past) });
    }
    const start = waiting;
    waiting = undefined;
    start?.();
  }

  return {
    execute,
    /** Stops the running cell. In a turn of its own: a cell whose request came before has begun by then. */
    stop: () => soon(runs.stop),
    /** The same for a signal, of which the sockets' thread does not know. */
    interrupt: () => soon(runs.interrupt),
    failure,
    survived,
    comms,
  };
}

module.exports = { createExecution };
