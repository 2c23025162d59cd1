// Runs in the sockets' thread: the end of a kernel whose first thread did not survive an interrupt.
"use strict";

const { writeSync } = require("node:fs");

/** Milliseconds for the last messages to leave. */
const farewell = 500;

const evalue =
  "the cell was interrupted, and this kernel can not go on after that: it ends itself, and its variables are lost. Jupyter starts it anew; " +
  "run the cells from the first on";

/**
 * @param {object} out
 * @param {() => void} out.flush sends what cells have written
 * @param {(type: string, content: object, parent: object) => void} out.publish sends on the iopub channel
 * @param {(socket: string, type: string, content: object, request: object) => void} out.reply
 */
function createEnding({ flush, publish, reply }) {
  let running;
  let given = false;

  return {
    /** Is told which request is being executed, or null. */
    running(request) {
      running = request;
    },
    /** Answers for the first thread, which can not any more, and ends the process. Jupyter's log has why. */
    giveUp(why) {
      given = true;
      flush();
      const error = { ename: "KernelEnded", evalue, traceback: [`\x1b[31mKernelEnded\x1b[39m: ${evalue}`] };
      if (running) {
        if (!running.silent) publish("error", error, running.header);
        const content = { status: "error", execution_count: running.count, ...error };
        reply(running.socket, "execute_reply", content, running);
        publish("status", { execution_state: "idle" }, running.header);
      }
      writeSync(2, `shapley-modes kernel: ${evalue} (${why})\n`);
      setTimeout(() => process.kill(process.pid, "SIGKILL"), farewell);
    },
    /** Whether what the first thread still says is of no interest any more. */
    hasGivenUp: () => given,
  };
}

module.exports = { createEnding };
