// Starts the kernel: `node --disable-warning=ExperimentalWarning launch.cjs CONNECTION_FILE`, as kernel.json says.
//
// tslab, which this kernel grew from, reports failures as printed text, leaves execution counts out, skips cells after an error, and has
// copies of variables in place of variables; what is still used of it stands in kernels/README.md.
"use strict";

const { readFileSync } = require("node:fs");
const { missingParts } = require("./parts.cjs");
const { findStack, restoreStack } = require("./async-stack.cjs");
const { createLink } = require("./link.cjs");
const { printPlainly } = require("./plain-values.cjs");
const { DELICATE } = require("./state.cjs");
const { logAsWritten } = require("./written-values.cjs");

/** An interrupt before there is anything to interrupt does not end the kernel. */
function tooEarly() {}

async function main(connectionFile) {
  if (!connectionFile) {
    throw new Error(
      "this program is started by Jupyter; `npx shapley-modes kernel install` makes the kernel known to it",
    );
  }
  const missing = missingParts();
  if (missing.length > 0)
    throw new Error(`parts of it are missing; install them with: npm install ${missing.join(" ")}`);
  process.on("SIGINT", tooEarly);
  printPlainly();
  logAsWritten();
  findStack();
  const link = createLink(JSON.parse(readFileSync(connectionFile, "utf8")), Number(process.env.JPY_PARENT_PID));
  link.bound.catch(() => {});
  // While the sockets open: a client may connect and ask while TypeScript loads.
  const runs = require("./runs.cjs").createRuns(link.state);
  const cells = require("./cells.cjs").createCells(process.cwd(), link.state, runs.current);
  const history = require("./history.cjs").createHistory();
  const execution = require("./execution.cjs").createExecution(cells, runs, link, history);
  require("./turn-timers.cjs").installTimers(link.state);
  require("./input.cjs").installInput(link, runs);
  require("./consent.cjs").offerConsent(link.state, runs.tear);
  link.proveBy((number) => afterTheEnd(link.state, number, { runs, cells, execution }));
  await link.bound;
  process.off("SIGINT", tooEarly);
  process.on("SIGINT", execution.interrupt);
  process.on("uncaughtException", execution.failure);
  process.on("unhandledRejection", execution.failure);
  require("./server.cjs").serve(link, cells, execution, history);
}

/** What is to be done when JavaScript of this thread was ended by force, so that it goes on. */
function afterTheEnd(state, number, { runs, cells, execution }) {
  restoreStack();
  Atomics.store(state, DELICATE, 0);
  forgetHalfLoaded();
  cells.forgetUnfinished();
  require("./proof.cjs").prove(state, number, execution.survived);
  runs.abandonTorn();
}

/** Modules whose loading was ended halfway are loaded anew at their next import. */
function forgetHalfLoaded() {
  for (const [file, module] of Object.entries(require.cache)) if (!module?.loaded) delete require.cache[file];
}

main(process.argv[2]).catch((error) => {
  process.stderr.write(`shapley-modes kernel: ${error.message}\n`);
  process.exit(1);
});
