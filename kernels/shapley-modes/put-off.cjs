// Work that is put off until its cell ends: the last state of what changes often, and its picture.
"use strict";

const { clearTimeout, setTimeout } = require("node:timers");

/** Milliseconds without new work after which what was put off while no cell ran is done. */
const quiet = 1000;

/**
 * @param {() => boolean} cellRuns
 * @param {(thrown: unknown) => void} failure tells an error that no code was waiting for
 */
function createPutOff(cellRuns, failure) {
  const works = new Set();
  let timer;

  /** Does all that was put off; what of it needs no waiting is done when this returns. Rejects with the first error, when all is done. */
  async function settle() {
    clearTimeout(timer);
    const due = [...works];
    works.clear();
    const ended = await Promise.allSettled(due.map(async (work) => work()));
    for (const each of ended) if (each.status === "rejected") throw each.reason;
  }

  return {
    settle,
    /** Puts off work until the running cell ends; where none runs, until nothing has been put off for a second. */
    beforeEnd(work) {
      works.add(work);
      clearTimeout(timer);
      if (!cellRuns()) timer = setTimeout(() => settle().catch(failure), quiet);
    },
  };
}

module.exports = { createPutOff };
