// What becomes of the requests that arrive.
"use strict";

const { createAnswers } = require("./answers.cjs");
const { soon } = require("./turns.cjs");

/** Messages that are no requests. Whatever else arrives is answered, be it that nobody knows it. */
const unanswered = new Set(["comm_open", "comm_msg", "comm_close", "input_reply"]);

/**
 * Answers requests: cells one after another, everything else at once.
 *
 * @param {ReturnType<import("./link.cjs").createLink>} link
 */
function serve(link, cells, execution, history) {
  const answers = createAnswers(cells, execution, history);
  const queue = [];
  let executing;
  const status = (state, parent) => link.publish("status", { execution_state: state }, parent);

  /** Starts the next cell, in a turn of its own. */
  function work() {
    if (executing || queue.length === 0) return;
    executing = queue.shift();
    status("busy", executing.header);
    soon(() => execution.execute(executing, ended));
  }

  function ended(content) {
    if (content.status !== "error") {
      finish(content, []);
      return;
    }
    // What was already on its way when the cell failed is aborted; what is sent in answer to the failure is not.
    link.whenQuiet(() => finish(content, executing.content.stop_on_error === false ? [] : queue.splice(0)));
  }

  function finish(content, aborted) {
    answer(executing, content);
    executing = undefined;
    for (const late of aborted) {
      status("busy", late.header);
      answer(late, { status: "aborted" });
    }
    work();
  }

  function answer(request, content) {
    link.reply(request, content);
    status("idle", request.header);
  }

  function dispatch(request) {
    const { header, content } = request;
    const type = header.msg_type;
    if (type === "execute_request" && typeof content?.code === "string") {
      queue.push(request);
      work();
      return;
    }
    status("busy", header);
    if (type.startsWith("comm_") && unanswered.has(type)) execution.comms.receive(request);
    const reply = unanswered.has(type) ? undefined : answers(type, content);
    if (reply) link.reply(request, reply);
    status("idle", header);
    if (type === "shutdown_request" && reply.status === "ok") process.exit(0);
    // The front end's indicator goes back to the cell that is still running.
    else if (executing) status("busy", executing.header);
  }

  link.listen(dispatch);
}

module.exports = { serve };
