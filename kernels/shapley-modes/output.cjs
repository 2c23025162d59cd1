// What a cell says: stdout and stderr, displays, and the hook that the library looks for.
"use strict";

const { StringDecoder } = require("node:string_decoder");
const { displayTslabBy } = require("./tslab.cjs");
// Loaded at the start: what an interrupt ends halfway could not be loaded again.
const { resultBundle: bundleOf } = require("../../dist/notebook/display/bundle.js");

/**
 * Takes over process.stdout and process.stderr.
 *
 * @param {(name: "stdout" | "stderr", text: string) => void} write
 */
function captureOutput(write) {
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    const decoder = new StringDecoder("utf8");
    process[name].write = (
      /** @type {string | Uint8Array} */ chunk,
      /** @type {unknown} */ encoding = undefined,
      /** @type {unknown} */ callback = undefined,
    ) => {
      const text = typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk));
      if (text) write(name, text);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(done);
      return true;
    };
  }
}

/**
 * Puts the hook at `globalThis[Symbol.for("shapley-modes.kernel")]`, by which the library displays, and learns of
 * interrupts, without depending on the kernel (src/kernel-hook.ts has its type).
 *
 * @param {(type: string, content: object) => void} publish
 * @param {() => AbortSignal} signal signal of the running cell
 * @param {object} more the rest of the hook
 */
function installHook(publish, signal, more) {
  globalThis[Symbol.for("shapley-modes.kernel")] = Object.freeze({
    /** @type {import("../../src/kernel-hook.js").KernelHook["display"]} */
    display(data, metadata = {}, { displayId, update = false } = {}) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      publish(update ? "update_display_data" : "display_data", { data, metadata, transient });
    },
    clearOutput: (wait = false) => publish("clear_output", { wait }),
    signal,
    ...more,
  });
  displayTslabBy(publish);
}

/**
 * The MIME bundle of a result. Which values have rich forms is the library's to say (src/notebook/display/bundle.ts).
 *
 * @returns {Promise<{ data: Record<string, unknown>, metadata: Record<string, unknown> } | undefined>} undefined for what the cell
 *   has shown already
 */
async function resultBundle(value) {
  return bundleOf(value);
}

module.exports = { captureOutput, installHook, resultBundle };
