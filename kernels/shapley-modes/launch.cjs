// Starts the kernel: `node --disable-warning=ExperimentalWarning launch.cjs CONNECTION_FILE`, as kernel.json says.
//
// The conversion of cells from TypeScript is tslab's; the Jupyter protocol is spoken here, because tslab 1.0.22 reports
// failures as printed text, leaves execution counts out, skips cells after an error, and shows results on stdout.
"use strict";

const { readFileSync } = require("node:fs");
const path = require("node:path");
const { Worker } = require("node:worker_threads");

/** An interrupt before there is anything to interrupt does not end the kernel. */
function tooEarly() {}

async function main(connectionFile) {
  if (!connectionFile) {
    throw new Error(
      "this program is started by Jupyter; `npx shapley-modes kernel install` makes the kernel known to it",
    );
  }
  // Jupyter, like our own client, tells by this variable who started the kernel.
  const parentPid = Number(process.env.JPY_PARENT_PID);
  if (parentPid > 1) new Worker(path.join(__dirname, "watch-parent.cjs"), { workerData: parentPid });
  const { createServer } = require("./server.cjs");
  const server = await createServer(JSON.parse(readFileSync(connectionFile, "utf8")));
  process.on("SIGINT", tooEarly);
  // After the sockets: a client may connect and ask while TypeScript loads.
  const cells = require("./cells.cjs").createCells(process.cwd());
  const execution = require("./execution.cjs").createExecution(cells, server.send);
  process.off("SIGINT", tooEarly);
  process.on("SIGINT", execution.interrupt);
  process.on("uncaughtException", execution.failure);
  process.on("unhandledRejection", execution.failure);
  server.serve(cells, execution);
}

main(process.argv[2]).catch((error) => {
  process.stderr.write(`shapley-modes kernel: ${error.message}\n`);
  process.exit(1);
});
