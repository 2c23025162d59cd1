import { createRequire } from "node:module";
import { arch, cpus, platform, release } from "node:os";
import type { JsonObject } from "../json.js";
import { packageVersion } from "../package.js";

/**
 * Where and when something ran: what a notebook's provenance cell shows. It differs from run to run, so it belongs in
 * the notebook and never in a result file.
 */
export function provenance(): JsonObject {
  const [cpu] = cpus();
  return {
    "shapley-modes": packageVersion,
    node: process.versions.node,
    typescript: typescriptVersion(),
    platform: `${platform()} ${release()} ${arch()}`,
    processor: `${cpu?.model.trim() ?? "unknown"} (${cpus().length} threads)`,
    time: new Date().toISOString(),
  };
}

/** TypeScript that compiles cells, as tslab brings it. */
function typescriptVersion(): string {
  const fromTslab = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"));
  return (fromTslab("@tslab/typescript-for-tslab/package.json") as { version: string }).version;
}
