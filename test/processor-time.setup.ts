import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, expect } from "vitest";

// With PROCESSOR_TIME=FILE every test file adds a line to it: the seconds of processor time that it took, those of the
// processes that it started and waited for included, of which the numbers in lanes.ts are made. Linux counts them.
const file = process.env.PROCESSOR_TIME;
if (file !== undefined) {
  afterAll(() => {
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    // utime, stime, cutime and cstime in ticks, of which Linux has 100 a second
    const seconds = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
    const test = relative(process.cwd(), expect.getState().testPath ?? "");
    appendFileSync(file, `${seconds.toFixed(1)} ${test}\n`);
  });
}
