import { arch, cpus, platform, release } from "node:os";
import type { JsonObject } from "../../json.js";
import { type MimeData, mimeMethod } from "../../kernel-hook.js";
import { type Grid, gridHtml, gridText } from "../../modes/glance/grid.js";
import { packageVersion } from "../../version.js";
import { cellTypescriptVersion } from "../run/kernel-parts.js";

/** MIME type under which provenance is kept in a notebook, for the top of its page. */
export const provenanceMime = "application/vnd.shapley-modes.provenance+json";

/**
 * Where and when something ran: what a notebook's provenance cell shows. It differs from run to run, so it belongs in
 * the notebook and never in a result file. An exported page has it on top.
 */
export function provenance(): JsonObject {
  const [cpu] = cpus();
  const facts = {
    "shapley-modes": packageVersion,
    node: process.versions.node,
    typescript: cellTypescriptVersion() ?? "none",
    platform: `${platform()} ${release()} ${arch()}`,
    processor: `${cpu?.model.trim() ?? "unknown"} (${cpus().length} threads)`,
    time: new Date().toISOString(),
  };
  // Not enumerable: the facts stay plain JSON.
  return Object.defineProperty({ ...facts }, mimeMethod, { value: () => provenanceData(facts) });
}

function provenanceData(facts: Readonly<Record<string, string>>): MimeData {
  const grid: Grid = { head: [], rows: Object.entries(facts), numeric: [false, false], rowHeads: 1 };
  return { [provenanceMime]: facts, "text/html": gridHtml(grid), "text/plain": gridText(grid) };
}
