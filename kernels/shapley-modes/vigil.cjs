// Runs in the sockets' thread: whether the first thread, which gives no sign of life, is dead or only slow. A loaded machine may keep it
// from the processor for long, or a thread that it waits for; where it is dead, all of the process sleep.
"use strict";

const { readdirSync, readFileSync, readlinkSync } = require("node:fs");

/** Looks, two seconds' worth of them, at a process that is asleep and owes an answer. */
const asleepLooks = 80;
/** Milliseconds of the processor's time that it has where it computes; of any time where nobody can see whether it does. */
const patience = { computing: 10_000, blind: 10_000 };

/** Watches from now on. The function that is returned is to be called at each look, and says whether the first thread is dead. */
function keepVigil() {
  const start = performance.now();
  const before = process.cpuUsage();
  let asleep = 0;
  return () => {
    const awake = othersAwake();
    if (awake === undefined) return performance.now() - start >= patience.blind;
    asleep = awake ? 0 : asleep + 1;
    const { user, system } = process.cpuUsage(before);
    return asleep >= asleepLooks || (user + system) / 1000 >= patience.computing;
  };
}

/** Whether another thread of this process runs, would like to, or waits for a disk; undefined where that is not known. */
function othersAwake() {
  try {
    const own = readlinkSync("/proc/thread-self").split("/").at(-1);
    return readdirSync("/proc/self/task").some((thread) => thread !== own && !isAsleep(thread));
  } catch {
    return undefined;
  }
}

function isAsleep(thread) {
  try {
    // The name in brackets may have anything in it.
    return /^.*\) S/s.test(readFileSync(`/proc/self/task/${thread}/stat`, "latin1"));
  } catch (error) {
    // It has just ended.
    if (error.code === "ENOENT" || error.code === "ESRCH") return true;
    throw error;
  }
}

module.exports = { keepVigil };
