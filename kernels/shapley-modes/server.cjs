// The sockets of the kernel and the messages that arrive on them.
"use strict";

const zeromq = require("zeromq");
const { createAnswers } = require("./answers.cjs");
const { createSender } = require("./sender.cjs");
const { createWire } = require("./wire.cjs");

/** Milliseconds without a message after which a burst of requests counts as received. */
const quiet = 10;

/**
 * @param {{ transport: string, ip: string, key: string, shell_port: number, iopub_port: number, stdin_port: number,
 *   control_port: number, hb_port: number }} connection content of Jupyter's connection file
 * @returns {Promise<{ send(type: string, content: object, parent: object): void, serve(cells, execution): void }>}
 */
async function createServer(connection) {
  const wire = createWire(connection.key);
  const { transport, ip } = connection;
  const address = (port) => (transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
  // No message is ever dropped: a cell may print faster than the client reads.
  const options = { linger: 1000, sendHighWaterMark: 0 };
  const iopub = new zeromq.Publisher(options);
  const shell = new zeromq.Router(options);
  const control = new zeromq.Router(options);
  const stdin = new zeromq.Router(options);
  await Promise.all([
    iopub.bind(address(connection.iopub_port)),
    shell.bind(address(connection.shell_port)),
    control.bind(address(connection.control_port)),
    stdin.bind(address(connection.stdin_port)),
  ]);
  const heartbeat = new zeromq.Reply({ linger: 0 });
  await heartbeat.bind(address(connection.hb_port));
  (async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  })();

  const publish = createSender(iopub);
  const send = (type, content, parent) => publish(wire.encode(type, content, parent, [`kernel.${type}`]));
  const status = (state, parent) => send("status", { execution_state: state }, parent);
  status("starting", {});

  /** Starts to answer. */
  function serve(cells, execution) {
    const answers = createAnswers(cells, execution);
    const queue = [];
    let executing;
    let receivedAt = 0;

    const senders = new Map([shell, control].map((socket) => [socket, createSender(socket)]));
    const reply = (socket, request, content) =>
      senders.get(socket)(
        wire.encode(request.header.msg_type.replace("_request", "_reply"), content, request.header, request.identities),
      );

    async function work() {
      if (executing) return;
      while ((executing = queue.shift())) {
        const request = executing;
        status("busy", request.header);
        const content = await execution.execute(request.header, request.content);
        // What was already on its way when the cell failed is aborted; what is sent in answer to the failure is not.
        const stop = content.status === "error" && request.content.stop_on_error !== false;
        const aborted = stop ? await received() : [];
        reply(shell, request, content);
        status("idle", request.header);
        for (const late of aborted) {
          status("busy", late.header);
          reply(shell, late, { status: "aborted", execution_count: execution.count() });
          status("idle", late.header);
        }
      }
    }

    async function received() {
      do await new Promise((resolve) => setTimeout(resolve, quiet));
      while (Date.now() - receivedAt < quiet);
      return queue.splice(0);
    }

    function dispatch(socket, frames) {
      receivedAt = Date.now();
      const request = wire.decode(frames);
      if (!request) return;
      const type = request.header.msg_type;
      if (type === "execute_request") {
        queue.push(request);
        work();
        return;
      }
      status("busy", request.header);
      if (type.endsWith("_request")) reply(socket, request, answers(type, request.content));
      status("idle", request.header);
      if (type === "shutdown_request") setTimeout(() => process.exit(0), 50);
      // The front end's indicator goes back to the cell that is still running.
      else if (executing) status("busy", executing.header);
    }

    for (const socket of [shell, control]) {
      (async () => {
        for await (const frames of socket) {
          try {
            dispatch(socket, frames);
          } catch (error) {
            execution.failure(error);
          }
        }
      })();
    }
  }

  return { send, serve };
}

module.exports = { createServer };
