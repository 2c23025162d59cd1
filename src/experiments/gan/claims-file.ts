import { join } from "node:path";
import type { Hierarchy } from "../../analysis/hierarchy.js";
import { writeWhole } from "../../files.js";
import { canonicalJson, type JsonObject } from "../../json.js";
import { has, isList, isText } from "../../kinds.js";
import type { ControlHierarchies, HierarchyClaim } from "./claims.js";
import type { GanSettings } from "./settings.js";

/** Sampling error of the modes of each layer, by its name: of 1, relative to the modes. */
export type SamplingErrors = Readonly<Record<string, number>>;

/** What gan-claims.json holds. */
export interface GanClaims {
  readonly profile: string;
  readonly orderings: number;
  readonly samplingErrors: SamplingErrors;
  /**
   * How the controls were played, and their sampling errors, by name, the network itself among them; undefined for
   * none.
   */
  readonly controls?: {
    readonly faces: number;
    readonly orderings: number;
    readonly samplingErrors: Readonly<Record<string, SamplingErrors>>;
  };
  readonly claims: readonly HierarchyClaim[];
}

/**
 * Writes the paper's claims and what became of them, `gan-claims.json` for programs and `gan-claims.md` for people.
 *
 * @param compared the controls that the claims were held against; default none
 */
export function writeGanClaims(
  claims: readonly HierarchyClaim[],
  network: Hierarchy,
  settings: GanSettings,
  folder: string,
  compared?: ControlHierarchies,
): void {
  isList("claims", claims, "HierarchyClaim");
  has("network", network, "a Hierarchy", "layers", "measures");
  has("settings", settings, "GanSettings", "profile");
  isText("folder", folder, "the path of a folder");
  const { profile, orderings, controls } = settings;
  const played = compared && [{ name: "The network itself", ...compared.reference }, ...compared.controls];
  const content: GanClaims = {
    profile,
    orderings,
    samplingErrors: errorsOf(network),
    ...(played && {
      controls: {
        ...controls,
        samplingErrors: Object.fromEntries(played.map(({ name, hierarchy }) => [name, errorsOf(hierarchy)])),
      },
    }),
    claims,
  };
  writeWhole(join(folder, "gan-claims.json"), canonicalJson(content as unknown as JsonObject));
  writeWhole(join(folder, "gan-claims.md"), ganClaimsMarkdown(content));
}

function errorsOf({ layers, relativeErrors }: Hierarchy): SamplingErrors {
  return Object.fromEntries(layers.map((layer, l) => [layer, relativeErrors[l]]));
}

/** The claims as a table. */
export function ganClaimsMarkdown({ profile, orderings, samplingErrors, controls, claims }: GanClaims): string {
  const rows = claims.map(
    ({ claim, measure, measured, verdict }) => `| ${claim} | ${measure} | ${measured} | ${verdict} |`,
  );
  const played = controls && [
    `Controls, and the network itself beside them, with ${controls.faces} faces and ${controls.orderings} orderings; sampling error:`,
    "",
    ...Object.entries(controls.samplingErrors).map(([name, errors]) => `- ${name}: ${errorsText(errors)}`),
    "",
  ];
  return [
    "# The layers of a generator of faces",
    "",
    `Profile ${profile}, ${orderings} orderings; sampling error of the modes: ${errorsText(samplingErrors)}.`,
    "",
    ...(played ?? []),
    "| claim | measure | by layer | verdict |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function errorsText(errors: SamplingErrors): string {
  return Object.entries(errors)
    .map(([layer, error]) => `${layer} ${(100 * error).toFixed(1)} %`)
    .join(", ");
}
