// The first thread's side of the sockets' thread.
"use strict";

const { randomUUID } = require("node:crypto");
const path = require("node:path");
const { MessageChannel, receiveMessageOnPort, Worker } = require("node:worker_threads");
const { createState, delicately, PONG } = require("./state.cjs");
const { createWire } = require("./wire.cjs");

/** Milliseconds that the sockets' thread has to end when the process ends. */
const closing = 5000;

/** @typedef {{ value: string } | { interrupted: true } | { failed: string }} Line what a reader answers, or why nothing comes */

/**
 * Starts the sockets' thread.
 *
 * @param {object} connection content of Jupyter's connection file
 * @param {number} parentPid the process whose end is the kernel's end
 */
function createLink(connection, parentPid) {
  const session = randomUUID();
  const state = createState();
  const wire = createWire(connection.key, session);
  const thread = new Worker(path.join(__dirname, "sockets.cjs"), {
    workerData: { connection, session, state, parentPid },
  });
  /** What arrives before anybody listens. */
  const early = [];
  let listener = (request) => early.push(request);
  /** @type {(number: number) => void} */
  let prover = () => {};
  /** Who waits for the sockets to be quiet, and who asked on stdin without standing still. */
  const calls = new Map();
  let count = 0;
  const later = (call) => {
    calls.set(++count, call);
    return count;
  };
  /** @type {Promise<void>} */
  const bound = new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.on("message", (message) => {
      if (message.bound) resolve();
      else if (message.ping !== undefined) Atomics.store(state, PONG, message.ping);
      else if (message.prove !== undefined) prover(message.prove);
      else if (message.call !== undefined) {
        const call = calls.get(message.call);
        calls.delete(message.call);
        call(message.value);
      } else listener(message.request);
    });
  });
  process.on("exit", () => {
    if (thread.threadId < 0) return;
    const closed = new Int32Array(new SharedArrayBuffer(4));
    thread.postMessage({ close: closed });
    Atomics.wait(closed, 0, 0, closing);
  });

  return {
    /** Resolves when all sockets are there; rejects where an address is in use. */
    bound,
    state,
    /** Sends a message on the iopub channel, at once, also from a loop that never yields. */
    publish(type, content, parent, metadata) {
      const frames = wire.encode(type, content, parent, [`kernel.${type}`], metadata);
      thread.postMessage({ socket: "iopub", frames });
    },
    /** Writes to stdout or stderr of a cell. */
    write(name, text, parent) {
      thread.postMessage({ stream: { name, text, parent } });
    },
    /** Answers a request on the channel that it came by. */
    reply({ socket, header, identities }, content) {
      const frames = wire.encode(header.msg_type.replace("_request", "_reply"), content, header, identities);
      thread.postMessage({ socket, frames });
    },
    /** Tells which request is being executed, for the case that this thread can not answer it any more; undefined: none. */
    running(request) {
      thread.postMessage({ running: request ?? null });
    },
    /** Calls back when what clients have already sent is here. */
    whenQuiet(call) {
      thread.postMessage({ quiet: later(call) });
    },
    /**
     * Asks the front end for a line, and stands still until it is there.
     *
     * @returns {Line}
     */
    askAndWait(request, prompt) {
      const { port1, port2 } = new MessageChannel();
      const answered = new Int32Array(new SharedArrayBuffer(4));
      thread.postMessage({ ask: { request, prompt, port: port2, answered } }, [port2]);
      return delicately(state, () => {
        Atomics.wait(answered, 0, 0);
        return receiveMessageOnPort(port1)?.message;
      });
    },
    /** Asks the front end for a line, and calls back with what `askAndWait` returns. */
    ask(request, prompt, call) {
      thread.postMessage({ ask: { request, prompt, call: later(call) } });
    },
    /** Gets every request, from the first on. */
    listen(take) {
      for (const request of early.splice(0)) take(request);
      listener = take;
    },
    /** Is to prove that this thread is alive, when asked. */
    proveBy(take) {
      prover = take;
    },
  };
}

module.exports = { createLink };
