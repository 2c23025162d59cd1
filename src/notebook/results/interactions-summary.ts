import type { MimeData } from "../../kernel-hook.js";
import { interactionsGlance } from "../../modes/glance/interactions.js";
import type { Interactions } from "../../modes/interactions.js";
import { rankedData } from "./ranked-summary.js";

/** Interactions at a glance, with bars. */
export function interactionsData(interactions: Interactions): MimeData {
  return rankedData(interactionsGlance(interactions));
}
