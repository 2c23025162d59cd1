// What becomes of the requests that arrive.
"use strict";

const { createAnswers } = require("./answers.cjs");

/** Milliseconds without a message after which a burst of requests counts as received. */
const quiet = 10;
/** Milliseconds for the last reply to leave. */
const farewell = 150;
/** Messages that are no requests. Whatever else arrives is answered, be it that nobody knows it. */
const unanswered = new Set(["comm_open", "comm_msg", "comm_close", "input_reply"]);

/**
 * Answers requests: cells one after another, everything else at once.
 *
 * @param {ReturnType<import("./link.cjs").createLink>} link
 */
function serve(link, cells, execution) {
  const answers = createAnswers(cells, execution);
  const queue = [];
  let executing;
  let receivedAt = 0;
  const status = (state, parent) => link.publish("status", { execution_state: state }, parent);

  async function work() {
    if (executing) return;
    while ((executing = queue.shift())) {
      const request = executing;
      status("busy", request.header);
      const content = await execution.execute(request.header, request.content);
      // What was already on its way when the cell failed is aborted; what is sent in answer to the failure is not.
      const stop = content.status === "error" && request.content.stop_on_error !== false;
      const aborted = stop ? await received() : [];
      link.reply("shell", request, content);
      status("idle", request.header);
      for (const late of aborted) {
        status("busy", late.header);
        link.reply("shell", late, { status: "aborted" });
        status("idle", late.header);
      }
    }
  }

  async function received() {
    do await new Promise((resolve) => setTimeout(resolve, quiet));
    while (Date.now() - receivedAt < quiet);
    return queue.splice(0);
  }

  function dispatch(socket, request) {
    receivedAt = Date.now();
    const type = request.header?.msg_type;
    // What has no type is no request: nobody could answer it.
    if (typeof type !== "string") return;
    if (type === "execute_request") {
      queue.push(request);
      work();
      return;
    }
    status("busy", request.header);
    if (type.startsWith("comm_") && unanswered.has(type)) execution.comms.receive(request);
    else if (!unanswered.has(type)) link.reply(socket, request, answers(type, request.content));
    status("idle", request.header);
    if (type === "shutdown_request") setTimeout(() => process.exit(0), farewell);
    // The front end's indicator goes back to the cell that is still running.
    else if (executing) status("busy", executing.header);
  }

  link.listen(({ socket, request, failure }) => {
    try {
      if (failure) throw failure;
      dispatch(socket, request);
    } catch (error) {
      execution.failure(error);
    }
  });
}

module.exports = { serve };
