import { createHash, randomUUID } from "node:crypto";

let count = 0;

/**
 * An identifier for a widget's model. It has to differ from those of every other kernel whose widgets may stand in the
 * same notebook; with SHAPLEY_MODES_WIDGET_IDS=counted, as in `notebook run`, whose notebooks are whole from one
 * kernel, it is the same in every run.
 */
export function modelIdentifier(): string {
  if (process.env.SHAPLEY_MODES_WIDGET_IDS !== "counted") return randomUUID().replaceAll("-", "");
  return createHash("sha256").update(`widget ${++count}`).digest("hex").slice(0, 32);
}
