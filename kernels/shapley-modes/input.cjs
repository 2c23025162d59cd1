// Lines that a cell asks its reader for: `prompt("...")` and what reads process.stdin, node:readline for one.
"use strict";

const { AsyncResource } = require("node:async_hooks");
const { Readable } = require("node:stream");
const { InterruptedError } = require("./tracebacks.cjs");
const { soon } = require("./turns.cjs");

/**
 * Puts `prompt` among the globals, and a process.stdin in place that asks the front end.
 *
 * @param {ReturnType<import("./link.cjs").createLink>} link
 * @param {ReturnType<import("./runs.cjs").createRuns>} runs
 */
function installInput(link, runs) {
  /** The request of the running cell, which alone can ask. */
  function asking(what) {
    const run = runs.current();
    if (!run || run !== runs.running()) throw new Error(`${what} can ask for input only while its cell is running`);
    if (!run.request.content.allow_stdin)
      throw new Error(`${what} asks for input, and this front end does not allow that`);
    const { header, identities } = run.request;
    return { header, identities };
  }

  /** As in browsers and Deno: stands still until the answer is there. */
  globalThis.prompt = function prompt(message = "", preset = "") {
    const request = asking("prompt()");
    const given = preset === "" ? "" : ` [${preset}]`;
    const value = lineOf(link.askAndWait(request, `${message}${given}${message === "" ? "" : " "}`));
    return value === "" ? String(preset) : value;
  };

  const stdin = createStdin((call) => link.ask(asking("process.stdin"), "", call));
  Object.defineProperty(process, "stdin", { value: stdin, configurable: true, enumerable: true, writable: true });
}

/** @param {import("./link.cjs").Line} answer */
function lineOf(answer) {
  if ("interrupted" in answer) throw new InterruptedError();
  if ("failed" in answer) throw new Error(`no input: ${answer.failed}`);
  return answer.value;
}

/**
 * A stream of lines that are asked for one by one, as long as somebody reads.
 *
 * @param {(call: (answer: object) => void) => void} ask throws where nothing can be asked
 */
function createStdin(ask) {
  let wanted = false;
  let asked = false;

  function askOnce() {
    const scope = new AsyncResource("stdin");
    // A reader that has just got its line may be about to stop reading.
    soon(() =>
      scope.runInAsyncScope(() => {
        if (!wanted || asked || stdin.isPaused() || stdin.listenerCount("data") + stdin.listenerCount("readable") === 0)
          return;
        try {
          ask((answer) => scope.runInAsyncScope(take, undefined, answer));
          asked = true;
        } catch (error) {
          stdin.emit("error", error);
        }
      }),
    );
  }

  function take(answer) {
    asked = false;
    // What was interrupted is over, and the next reader asks anew.
    if (answer.interrupted) return;
    if (answer.failed) stdin.emit("error", new Error(`no input: ${answer.failed}`));
    else {
      wanted = false;
      stdin.push(`${answer.value}\n`);
    }
  }

  const stdin = new Readable({
    read() {
      wanted = true;
      askOnce();
    },
  });
  stdin.on("resume", () => wanted && askOnce());
  return Object.assign(stdin, { fd: 0, isTTY: false });
}

module.exports = { installInput };
