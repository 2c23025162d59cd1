// A thread of its own: answers Jupyter's heartbeat while a cell computes without a pause, and ends the process when the
// program that started it is gone, so that no kernel is left behind.
"use strict";

const { workerData } = require("node:worker_threads");
const { Reply } = require("zeromq");

const { address, parentPid } = workerData;

async function echo() {
  const socket = new Reply({ linger: 0 });
  await socket.bind(address);
  for await (const frames of socket) await socket.send(frames);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (parentPid > 1 && alive(parentPid)) {
  setInterval(() => {
    if (!alive(parentPid)) process.kill(process.pid, "SIGKILL");
  }, 1000);
}
echo();
