import { join } from "node:path";
import type { Hierarchy } from "../../analysis/hierarchy.js";
import { writeWhole } from "../../files.js";
import { canonicalJson, type JsonObject } from "../../json.js";
import type { HierarchyClaim } from "./claims.js";
import type { GanSettings } from "./settings.js";

/** What gan-claims.json holds. */
export interface GanClaims {
  readonly profile: string;
  readonly orderings: number;
  /** Sampling error of the modes of each layer, by its name: of 1, relative to the modes. */
  readonly samplingErrors: Readonly<Record<string, number>>;
  readonly claims: readonly HierarchyClaim[];
}

/** Writes the paper's claims and what became of them, `gan-claims.json` for programs and `gan-claims.md` for people. */
export function writeGanClaims(
  claims: readonly HierarchyClaim[],
  { layers, relativeErrors }: Hierarchy,
  { profile, orderings }: GanSettings,
  folder: string,
): void {
  const samplingErrors = Object.fromEntries(layers.map((layer, l) => [layer, relativeErrors[l]]));
  const content: GanClaims = { profile, orderings, samplingErrors, claims };
  writeWhole(join(folder, "gan-claims.json"), canonicalJson(content as unknown as JsonObject));
  writeWhole(join(folder, "gan-claims.md"), ganClaimsMarkdown(content));
}

/** The claims as a table. */
export function ganClaimsMarkdown({ profile, orderings, samplingErrors, claims }: GanClaims): string {
  const errors = Object.entries(samplingErrors).map(([layer, error]) => `${layer} ${(100 * error).toFixed(1)} %`);
  const rows = claims.map(
    ({ claim, measure, measured, verdict }) => `| ${claim} | ${measure} | ${measured} | ${verdict} |`,
  );
  return [
    "# The layers of a generator of faces",
    "",
    `Profile ${profile}, ${orderings} orderings; sampling error of the modes: ${errors.join(", ")}.`,
    "",
    "| claim | measure | by layer | verdict |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
