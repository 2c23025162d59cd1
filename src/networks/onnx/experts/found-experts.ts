import type { Node } from "../messages.js";

/** What an expert's lesion means, as for decoders: the masks that there are. */
export const expertMasks = ["silence", "reroute", "renormalise"] as const;

/** How a node changes: what comes before it, itself, what comes behind it. */
export interface Rewritten {
  readonly before: readonly Node[];
  readonly node: Node;
  readonly after: readonly Node[];
}

/** What is found of experts: how nodes change, sites and what is refused. */
export interface FoundExperts {
  readonly changed: Map<Node, Rewritten>;
  readonly masks: Map<string, string>;
  readonly refused: Map<string, string>;
}
