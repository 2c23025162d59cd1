import type { Goal } from "../../estimators/stopping/goals.js";
import type { Speed } from "./speed.js";

/** How far something has come. */
export interface ProgressState extends Speed {
  readonly done: number;
  readonly total: number;
  /** Undefined where nothing is estimated, NaN where it is not known yet. Computed when read. */
  readonly largestStandardError?: number;
  /** How far the run is from what stopping rules ask for; default there are none. Computed when read. */
  readonly goals?: readonly Goal[];
  /** A picture of what there is so far, as a PNG; made when called. */
  readonly picture?: (() => Uint8Array) | undefined;
}

/** Where progress is shown: a notebook's cell, a terminal, a file. */
export interface Reporter {
  update(state: ProgressState): void;
  /** Shows the last state. Nothing is updated after that. */
  end(state: ProgressState, ended: "done" | "stopped"): void;
}
