#!/usr/bin/env node
import { systemProblem } from "./system-problem.js";
import { timeIsUp } from "./time-is-up.js";

if (process.argv[2] === "job" && process.argv[3] === "chunk") timeIsUp();

// Loaded here, so that a machine which has no more files to open is told in a line as well.
try {
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${systemProblem(error) ?? (error as Error)?.stack ?? String(error)}\n`);
  process.exitCode = 1;
}
