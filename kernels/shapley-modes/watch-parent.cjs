// Ends the kernel when the program that started it is gone, so that none is left behind.
"use strict";

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Looks once a second, and returns the interval. For a thread of its own, so that it also works while a cell computes without a pause. */
function watchParent(pid) {
  return setInterval(() => {
    if (!alive(pid)) process.kill(process.pid, "SIGKILL");
  }, 1000);
}

module.exports = { watchParent };
