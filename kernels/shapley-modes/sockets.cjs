// The thread that has the kernel's sockets, so that heartbeats and interrupts are answered, and output is seen, while a cell
// computes without a pause. Requests go to the first thread, which runs the cells.
"use strict";

const threads = require("node:worker_threads");
const zeromq = require("zeromq");
const { createEnding } = require("./ending.cjs");
const { createQuestions } = require("./questions.cjs");
const { createSender } = require("./sender.cjs");
const { gatherStreams } = require("./streams.cjs");
const { createTerminator } = require("./terminator.cjs");
const { createWire, isContent } = require("./wire.cjs");
const { watchParent } = require("./watch-parent.cjs");

/** Milliseconds without a message after which a burst of requests counts as received. */
const quiet = 10;
/** What stops the cell that is running. A kernel that is to end must listen as well. */
const stopping = new Set(["interrupt_request", "shutdown_request"]);

const parentPort = /** @type {import("node:worker_threads").MessagePort} */ (threads.parentPort);
const { connection, session, state, parentPid } = threads.workerData;
const wire = createWire(connection.key, session);

async function main() {
  // Jupyter, like our own client, tells who started the kernel.
  const parentWatch = parentPid > 1 ? watchParent(parentPid) : undefined;
  const { transport, ip } = connection;
  const address = (port) => (transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
  // No message is ever dropped: a cell may print faster than the client reads.
  const options = { linger: 1000, sendHighWaterMark: 0 };
  const sockets = {
    iopub: new zeromq.Publisher(options),
    shell: new zeromq.Router(options),
    control: new zeromq.Router(options),
    // A question to nobody is an error.
    stdin: new zeromq.Router({ ...options, mandatory: true }),
    hb: new zeromq.Reply({ linger: 0 }),
  };
  for (const [name, socket] of Object.entries(sockets)) await socket.bind(address(connection[`${name}_port`]));

  const senders = Object.fromEntries(["iopub", "shell", "control"].map((name) => [name, createSender(sockets[name])]));
  /** Identities that were in the first thread are plain bytes. */
  const encode = (type, content, parent, identities) =>
    wire.encode(
      type,
      content,
      parent,
      identities.map((each) => Buffer.from(each)),
    );
  const publish = (type, content, parent) => senders.iopub(wire.encode(type, content, parent, [`kernel.${type}`]));
  const gather = gatherStreams((content, parent) => publish("stream", content, parent));
  const questions = createQuestions(
    async (identities, parent, content) => sockets.stdin.send(encode("input_request", content, parent, identities)),
    (call, value) => parentPort.postMessage({ call, value }),
  );
  const ending = createEnding({
    flush: gather.flush,
    publish,
    reply: (socket, type, content, { header, identities }) =>
      senders[socket](encode(type, content, header, identities)),
  });
  const terminator = createTerminator(state, {
    ping: (ping) => parentPort.postMessage({ ping }),
    prove: (prove) => parentPort.postMessage({ prove }),
    giveUp: ending.giveUp,
  });

  let receivedAt = 0;
  const takeRequest = (name) => (request) => {
    receivedAt = performance.now();
    parentPort.postMessage({ request: { ...request, socket: name } });
    if (!stopping.has(request.header.msg_type) || !isContent(request.content)) return;
    questions.interrupt();
    terminator.interrupted();
  };
  const loops = [
    echo(sockets.hb),
    receive(sockets.shell, takeRequest("shell")),
    receive(sockets.control, takeRequest("control")),
    receive(sockets.stdin, (message) => {
      if (message.header.msg_type === "input_reply") questions.answer(message);
    }),
  ];
  publish("status", { execution_state: "starting" }, {});

  function whenQuiet(call) {
    const rest = receivedAt + quiet - performance.now();
    if (rest > 0) setTimeout(whenQuiet, rest, call);
    else parentPort.postMessage({ call });
  }

  /** Closes everything, so that this thread ends by itself: ZeroMQ aborts a process that ends around an open socket. */
  function close(closed) {
    gather.flush();
    questions.interrupt();
    terminator.stop();
    clearInterval(parentWatch);
    for (const each of Object.values(sockets)) each.close();
    process.on("exit", () => {
      Atomics.store(closed, 0, 1);
      Atomics.notify(closed, 0);
    });
    Promise.allSettled(loops).then(() => parentPort.close());
  }

  parentPort.on("message", ({ socket, frames, stream, running, quiet: call, ask, close: closed }) => {
    if (closed) close(closed);
    else if (ending.hasGivenUp()) return;
    else if (stream) gather.add(stream);
    else if (running !== undefined) {
      ending.running(running);
      // What asked for a line without standing still has no cell any more.
      if (running === null) questions.interrupt();
    } else if (call !== undefined) setTimeout(whenQuiet, quiet, call);
    else if (ask) questions.ask(ask);
    else {
      if (socket === "iopub") gather.flush();
      senders[socket](frames.map((frame) => (typeof frame === "string" ? frame : Buffer.from(frame))));
    }
  });
  parentPort.postMessage({ bound: true });
}

async function echo(socket) {
  for await (const frames of socket) await socket.send(frames);
}

async function receive(socket, take) {
  for await (const frames of socket) {
    const message = wire.decode(frames);
    if (message) take(message);
  }
}

main().catch((error) => {
  throw error;
});
