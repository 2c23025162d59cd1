// The first thread's side of the sockets' thread.
"use strict";

const { randomUUID } = require("node:crypto");
const path = require("node:path");
const { Worker } = require("node:worker_threads");
const { createState, PONG } = require("./state.cjs");
const { createWire } = require("./wire.cjs");

/** Milliseconds that the sockets have to close when the process ends. */
const closing = 1000;

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
  let listener = (message) => early.push(message);
  const bound = new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.on("message", (message) => {
      if (message.bound) resolve();
      else if (message.ping !== undefined) Atomics.store(state, PONG, message.ping);
      else listener(message);
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
    reply(socket, { header, identities }, content) {
      const frames = wire.encode(header.msg_type.replace("_request", "_reply"), content, header, identities);
      thread.postMessage({ socket, frames });
    },
    /** Gets every request, from the first on. */
    listen(take) {
      for (const message of early.splice(0)) take(message);
      listener = take;
    },
  };
}

module.exports = { createLink };
