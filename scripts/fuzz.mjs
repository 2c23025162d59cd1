// Tries files that strangers might bring, of every format that is read: `npm run fuzz -- --seed 7 --times 10`. Each is read right or
// refused in one line, or this ends with an error that names it. The same seed gives the same files. Needs `npm run build` first.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seed: { type: "string" }, times: { type: "string" } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new Error(`invalid --${name}; expected a positive integer; received ${value}`);
}
const { seed = "10", times = "1" } = values;
const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
const told = join(folder, "counts.jsonl");
const env = { ...process.env, FUZZ_SEED: seed, FUZZ_TIMES: times, FUZZ_COUNTS: told };
const { status } = spawnSync("npx", ["vitest", "run", "test/fuzz"], { stdio: "inherit", env });
const rows = readFileSync(told, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));
rmSync(folder, { recursive: true });
const sum = (counts) => Object.values(counts).reduce((all, some) => all + some, 0);
for (const { format, counts } of rows) {
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  console.log(`${format}: ${sum(counts)} cases: ${parts.join(", ")}`);
}
console.log(`${rows.reduce((all, { counts }) => all + sum(counts), 0)} cases, seed ${seed}`);
process.exit(status ?? 1);
