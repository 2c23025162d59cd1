// What a cell says: stdout and stderr gathered into `stream` messages, displays, and the hook that the library looks for.
"use strict";

const { StringDecoder } = require("node:string_decoder");

/** A text longer than this is sent at once, also from inside a loop that never yields. */
const longest = 65536;
/** Milliseconds after which a text is sent, at the next write or timer. */
const patience = 40;

/**
 * Takes over process.stdout and process.stderr. Writes in quick succession become one message; their order, also among
 * the two streams and the displays, is kept.
 *
 * @param {(type: string, content: object) => void} send sends a message about the cell that is running
 * @returns {{ publish(type: string, content: object): void, flush(): void }} `publish` sends what is pending first
 */
function captureOutput(send) {
  let pending = { name: "stdout", text: "" };
  let sentAt = 0;
  let timer;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (!pending.text) return;
    const content = pending;
    pending = { name: content.name, text: "" };
    sentAt = Date.now();
    send("stream", content);
  }

  function write(name, text) {
    if (pending.name !== name) {
      flush();
      pending.name = name;
    }
    pending.text += text;
    if (pending.text.length > longest || Date.now() - sentAt > patience) flush();
    else timer ??= setTimeout(flush, patience);
  }

  for (const name of ["stdout", "stderr"]) {
    const decoder = new StringDecoder("utf8");
    process[name].write = (chunk, encoding, callback) => {
      write(name, typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk)));
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }

  return {
    flush,
    publish(type, content) {
      flush();
      send(type, content);
    },
  };
}

/**
 * Puts the hook at `globalThis[Symbol.for("shapley-modes.kernel")]`, by which the library displays, and learns of
 * interrupts, without depending on the kernel (src/notebook/hook.ts has its type).
 *
 * @param {(type: string, content: object) => void} publish
 * @param {() => AbortSignal} signal signal of the running cell
 */
function installHook(publish, signal) {
  globalThis[Symbol.for("shapley-modes.kernel")] = Object.freeze({
    display(data, metadata = {}, { displayId, update = false } = {}) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      publish(update ? "update_display_data" : "display_data", { data, metadata, transient });
    },
    clearOutput: (wait = false) => publish("clear_output", { wait }),
    signal,
  });
  // tslab's own `display.html(...)` and its like go through this variable of its Jupyter module.
  require("tslab/dist/jupyter.js").lastWriteDisplayData = (content, update) =>
    publish(update ? "update_display_data" : "display_data", { metadata: {}, transient: {}, ...content });
}

/**
 * The MIME bundle of a result. Which values have rich forms is the library's to say (src/notebook/bundle.ts).
 *
 * @returns {Promise<{ data: Record<string, unknown>, metadata: Record<string, unknown> }>}
 */
async function resultBundle(value) {
  const { mimeBundle } = await import("../../dist/notebook/bundle.js");
  return mimeBundle(value);
}

module.exports = { captureOutput, installHook, resultBundle };
