// A thread of its own, so that it also works while a cell computes without a pause: ends the kernel when the program that
// started it is gone, so that none is left behind. (No sockets here: ZeroMQ aborts the process that ends with a thread
// of its sockets open.)
"use strict";

const { workerData: parentPid } = require("node:worker_threads");

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

setInterval(() => {
  if (!alive(parentPid)) process.kill(process.pid, "SIGKILL");
}, 1000);
