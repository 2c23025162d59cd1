import type { JsonObject } from "../json.js";
import type { ModeBlocks } from "./mode-blocks.js";

/** What Shapley Modes hold, without what can be asked of them: all that writing and comparing them takes. */
export interface ModesContent {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  /** `[units, ...outputShape]` */
  readonly values: Float64Array;
  /** `[units, ...outputShape]` */
  readonly standardErrors: Float64Array | undefined;
  /** `[units]`, of each unit's contribution averaged over the outputs. */
  readonly meanStandardErrors: Float64Array | undefined;
  /** `outputShape` */
  readonly vAll: Float64Array | undefined;
  /** `outputShape` */
  readonly vNone: Float64Array | undefined;
  /** Means of independent blocks, where they were kept: in npz files and .zarr stores. */
  readonly blocks?: ModeBlocks | undefined;
  readonly provenance: JsonObject;
}
