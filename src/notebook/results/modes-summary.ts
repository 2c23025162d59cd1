import { stoppedText } from "../../estimators/stopping/record.js";
import type { MimeData } from "../../kernel-hook.js";
import { modesGlance } from "../../modes/glance/modes.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { rankedData } from "./ranked-summary.js";

/** Shapley Modes at a glance, with bars, and with what their stopping rules say. */
export function modesData(modes: ShapleyModes): MimeData {
  return rankedData(modesGlance(modes, stoppedText(modes.provenance)));
}
