import { zipSync } from "fflate";
import { invalid } from "../errors.js";
import { writeWhole } from "../files.js";
import { toNpy } from "../formats/npy.js";
import { canonicalJson, type JsonObject } from "../json.js";
import type { InteractionIndex } from "./interaction-index.js";
import type { ModesContent } from "./modes-content.js";
import { epoch } from "./to-npz.js";

/** What interactions hold, without what can be asked of them: all that writing them takes. */
export interface InteractionsContent {
  readonly index: InteractionIndex;
  readonly order: number;
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly subsets: readonly (readonly number[])[];
  /** `[subsets, ...outputShape]` */
  readonly values: Float64Array;
  /** `[subsets, ...outputShape]` */
  readonly standardErrors: Float64Array | undefined;
  /** `[subsets]` */
  readonly meanStandardErrors: Float64Array | undefined;
  /** `outputShape` */
  readonly vAll: Float64Array | undefined;
  /** `outputShape` */
  readonly vNone: Float64Array | undefined;
  readonly modes: ModesContent | undefined;
  readonly provenance: JsonObject;
}

/**
 * Writes interactions, whole or not at all, to an `.npz` file that `numpy.load` opens: `interactions` [sets,
 * ...outputShape], `subsets` [sets, order] (indices of units, -1 where a set has fewer), `interaction_standard_error`,
 * `interaction_mean_standard_error` [sets], and, where they are there, the arrays of a file of Shapley Modes, so that
 * `loadModes` reads those from the same file. Equal interactions give equal bytes.
 *
 * @throws RangeError for another ending; FileError where the file can not be written
 */
export function saveInteractions(interactions: InteractionsContent, path: string): void {
  checkName(path);
  writeWhole(path, bytesOf(interactions));
}

/** @throws RangeError for a name with another ending */
export function checkName(path: string): void {
  if (typeof path !== "string" || !/\.npz$/i.test(path)) {
    throw invalid("file of interactions", "a name ending in .npz", path);
  }
}

function bytesOf(interactions: InteractionsContent): Uint8Array {
  const { units, outputShape, subsets, order, index, modes, provenance } = interactions;
  const shape = [subsets.length, ...outputShape];
  const ofModes = [units.length, ...outputShape];
  const padded = Int32Array.from(
    { length: subsets.length * order },
    (_, i) => subsets[Math.floor(i / order)][i % order] ?? -1,
  );
  const arrays: Record<string, [readonly number[], Float64Array | Int32Array | undefined]> = {
    interactions: [shape, interactions.values],
    interaction_standard_error: [shape, interactions.standardErrors],
    interaction_mean_standard_error: [[subsets.length], interactions.meanStandardErrors],
    subsets: [[subsets.length, order], padded],
    v_all: [outputShape, interactions.vAll],
    v_none: [outputShape, interactions.vNone],
    modes: [ofModes, modes?.values],
    standard_error: [ofModes, modes?.standardErrors],
    mean_standard_error: [[units.length], modes?.meanStandardErrors],
  };
  const entries: Record<string, Uint8Array> = {};
  for (const [name, [dimensions, values]] of Object.entries(arrays)) {
    if (values) entries[`${name}.npy`] = toNpy({ shape: dimensions, values });
  }
  const meta = {
    format: "shapley-modes/1",
    interactions: { index, order, provenance },
    provenance: modes?.provenance ?? {},
    units,
  };
  entries["meta.json"] = new TextEncoder().encode(canonicalJson(meta));
  return zipSync(entries, { mtime: epoch, level: 6 });
}
