// The sockets of the kernel and the messages that arrive on them.
"use strict";

const path = require("node:path");
const { Worker } = require("node:worker_threads");
const zeromq = require("zeromq");
const language = require("./language.cjs");
const { createWire } = require("./wire.cjs");
const { isCompleteCode } = require("./typescript.cjs");

const { version } = require("../../package.json");

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
  const workerData = { address: address(connection.hb_port), parentPid: Number(process.env.JPY_PARENT_PID ?? 0) };
  const heartbeat = new Worker(path.join(__dirname, "heartbeat.cjs"), { workerData });
  heartbeat.on("error", (error) => process.stderr.write(`heartbeat: ${error.message}\n`));

  const send = (type, content, parent) => void iopub.send(wire.encode(type, content, parent, [`kernel.${type}`]));
  const status = (state, parent) => send("status", { execution_state: state }, parent);
  status("starting", {});

  /** Starts to answer. */
  function serve(cells, execution) {
    const queue = [];
    let executing;
    let receivedAt = 0;

    const reply = (socket, request, content) =>
      void socket.send(
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

    const answers = {
      kernel_info_request: kernelInfo,
      comm_info_request: () => ({ status: "ok", comms: {} }),
      history_request: () => ({ status: "ok", history: [] }),
      interrupt_request() {
        execution.interrupt();
        return { status: "ok" };
      },
      shutdown_request: ({ restart = false }) => ({ status: "ok", restart }),
      is_complete_request({ code }) {
        const { completed, indent } = isCompleteCode(code);
        return completed ? { status: "complete" } : { status: "incomplete", indent: indent ?? "" };
      },
      complete_request({ code, cursor_pos }) {
        const { start, end, candidates } = cells.complete(code, language.utf16Offset(code, cursor_pos));
        const [from, to] = [start, end].map((offset) => language.codePointOffset(code, offset));
        return { status: "ok", matches: candidates, cursor_start: from, cursor_end: to, metadata: {} };
      },
      inspect_request({ code, cursor_pos }) {
        const info = cells.inspect(code, language.utf16Offset(code, cursor_pos));
        return { status: "ok", found: Boolean(info), data: info ? language.quickInfoBundle(info) : {}, metadata: {} };
      },
    };

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
      if (answers[type])
        reply(
          socket,
          request,
          attempt(() => answers[type](request.content)),
        );
      else if (type.endsWith("_request")) reply(socket, request, failed("NotSupported", `no answer to ${type}`));
      status("idle", request.header);
      if (type === "shutdown_request") setTimeout(() => process.exit(0), 50);
      // The front end's indicator goes back to the cell that is still running.
      else if (executing) status("busy", executing.header);
    }

    for (const socket of [shell, control]) {
      (async () => {
        for await (const frames of socket) dispatch(socket, frames);
      })();
    }
  }

  return { send, serve };
}

function attempt(answer) {
  try {
    return answer();
  } catch (error) {
    return failed(error.name, error.message);
  }
}

function failed(ename, evalue) {
  return { status: "error", ename, evalue, traceback: [] };
}

function kernelInfo() {
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "shapley-modes",
    implementation_version: version,
    banner: `TypeScript with shapley-modes ${version}, on Node ${process.versions.node}`,
    help_links: [],
    language_info: {
      name: "typescript",
      version: require("tslab").versions.typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      // `mode` is read by JupyterLab, `name` and `typescript` by the classic Notebook.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    },
  };
}

module.exports = { createServer };
