import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join, sep } from "node:path";
import workerThreads from "node:worker_threads";

// The fast lane is fast, and true without a build, as long as its tests stay in their process and leave alone what is
// built. One that does not is told where it belongs: what it would take of dist/ may be older than the sources that it
// means to test.
const dist = join(import.meta.dirname, "..", "dist") + sep;

function refuse(what: string): never {
  throw new Error(`a test of the fast lane ${what}: enter its file in test/lanes.ts`);
}

const { readFileSync } = fs;
fs.readFileSync = ((path: fs.PathOrFileDescriptor, options?: unknown) => {
  if (String(path).startsWith(dist)) refuse(`reads ${path}`);
  return readFileSync(path, options as undefined);
}) as typeof readFileSync;
for (const name of ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"] as const)
  Object.assign(childProcess, { [name]: (program: string) => refuse(`starts ${program}`) });
Object.assign(workerThreads, {
  Worker: class {
    constructor(file: unknown) {
      refuse(`starts a thread of ${file}`);
    }
  },
});
syncBuiltinESMExports();
