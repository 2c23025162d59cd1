// The thread that has the kernel's sockets, so that heartbeats and interrupts are answered, and output is seen, while a cell
// computes without a pause. Requests go to the first thread, which runs the cells.
"use strict";

const { parentPort, workerData } = require("node:worker_threads");
const zeromq = require("zeromq");
const { createSender } = require("./sender.cjs");
const { createTerminator } = require("./terminator.cjs");
const { createWire } = require("./wire.cjs");
const { watchParent } = require("./watch-parent.cjs");

/** A text longer than this is sent at once. */
const longest = 65536;
/** Milliseconds for which texts are gathered into one message. */
const patience = 40;

const { connection, session, state, parentPid } = workerData;
const wire = createWire(connection.key, session);

async function main() {
  // Jupyter, like our own client, tells who started the kernel.
  if (parentPid > 1) watchParent(parentPid);
  const { transport, ip } = connection;
  const address = (port) => (transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
  // No message is ever dropped: a cell may print faster than the client reads.
  const options = { linger: 1000, sendHighWaterMark: 0 };
  const sockets = {
    iopub: new zeromq.Publisher(options),
    shell: new zeromq.Router(options),
    control: new zeromq.Router(options),
    stdin: new zeromq.Router(options),
    hb: new zeromq.Reply({ linger: 0 }),
  };
  for (const [name, socket] of Object.entries(sockets)) await socket.bind(address(connection[`${name}_port`]));
  const loops = [echo(sockets.hb)];

  const interrupted = createTerminator(state, (ping) => parentPort.postMessage({ ping }));
  for (const name of ["shell", "control"]) {
    const received = receive(sockets[name], (request) => {
      parentPort.postMessage({ socket: name, request });
      // A kernel that is to end must listen as well.
      if (["interrupt_request", "shutdown_request"].includes(request.header.msg_type)) interrupted();
    });
    loops.push(received);
  }
  const senders = Object.fromEntries(["iopub", "shell", "control"].map((name) => [name, createSender(sockets[name])]));
  const gather = gatherStreams((content, parent) =>
    senders.iopub(wire.encode("stream", content, parent, ["kernel.stream"])),
  );
  senders.iopub(wire.encode("status", { execution_state: "starting" }, {}, ["kernel.status"]));

  parentPort.on("message", ({ socket, frames, stream, close }) => {
    if (stream) gather.add(stream);
    else if (close) {
      gather.flush();
      // The process must not end with a thread's sockets open, nor before what waits for them has heard that they are closed: ZeroMQ
      // would abort it.
      for (const each of Object.values(sockets)) each.close();
      Promise.allSettled(loops).then(() =>
        setTimeout(() => {
          Atomics.store(close, 0, 1);
          Atomics.notify(close, 0);
        }, 5),
      );
    } else {
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
    try {
      const request = wire.decode(frames);
      if (request) take(request);
    } catch (error) {
      parentPort.postMessage({ failure: error });
    }
  }
}

/** Makes one message of texts that come in quick succession; their order, also among the two streams, is kept. */
function gatherStreams(send) {
  let pending;
  let timer;
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (pending) send({ name: pending.name, text: pending.text }, pending.parent);
    pending = undefined;
  }
  return {
    flush,
    add({ name, text, parent }) {
      if (pending && (pending.name !== name || pending.parent.msg_id !== parent.msg_id)) flush();
      pending ??= { name, text: "", parent };
      pending.text += text;
      if (pending.text.length > longest) flush();
      else timer ??= setTimeout(flush, patience);
    },
  };
}

main().catch((error) => {
  throw error;
});
