// Starts the kernel: `node --disable-warning=ExperimentalWarning launch.cjs CONNECTION_FILE`, as kernel.json says.
//
// tslab, which this kernel grew from, reports failures as printed text, leaves execution counts out, skips cells after an error, and has
// copies of variables in place of variables; what is still used of it stands in kernels/README.md.
"use strict";

const { readFileSync } = require("node:fs");
const { offerCleaning } = require("./async-stack.cjs");
const { createLink } = require("./link.cjs");
const { printPlainly } = require("./plain-values.cjs");

/** An interrupt before there is anything to interrupt does not end the kernel. */
function tooEarly() {}

async function main(connectionFile) {
  if (!connectionFile) {
    throw new Error(
      "this program is started by Jupyter; `npx shapley-modes kernel install` makes the kernel known to it",
    );
  }
  process.on("SIGINT", tooEarly);
  offerCleaning();
  printPlainly();
  const link = createLink(JSON.parse(readFileSync(connectionFile, "utf8")), Number(process.env.JPY_PARENT_PID));
  link.bound.catch(() => {});
  // While the sockets open: a client may connect and ask while TypeScript loads.
  const runs = require("./runs.cjs").createRuns(link.state);
  const cells = require("./cells.cjs").createCells(process.cwd(), link.state, runs.current);
  const execution = require("./execution.cjs").createExecution(cells, runs, link);
  await link.bound;
  process.off("SIGINT", tooEarly);
  process.on("SIGINT", execution.interrupt);
  process.on("uncaughtException", execution.failure);
  process.on("unhandledRejection", execution.failure);
  require("./server.cjs").serve(link, cells, execution);
}

main(process.argv[2]).catch((error) => {
  process.stderr.write(`shapley-modes kernel: ${error.message}\n`);
  process.exit(1);
});
