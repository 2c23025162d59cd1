import type { PartFilters } from "../../analysis/part-filters.js";
import { invalid } from "../../errors.js";
import { isList } from "../../kinds.js";
import type { HierarchyClaim } from "./claims.js";

/**
 * The paper's claim that the first layers make whole parts of the face, held against how many filters of each layer
 * paint one part: it holds if the share of such filters in the first layer is above that in the last, beyond both
 * intervals. Controls have no part in it: they paint no faces.
 *
 * @param layers what `partFilters` says of each, in order, without the colours
 * @throws RangeError for fewer than two layers
 */
export function partClaim(layers: readonly PartFilters[]): HierarchyClaim {
  isList("layers", layers, "PartFilters");
  if (layers.length < 2) throw invalid("layers", "at least two, the first and the last", layers.length);
  const [first, last] = [layers[0].share, layers[layers.length - 1].share];
  const known = !(Number.isNaN(first.value) || Number.isNaN(last.value));
  const holds = known ? first.low > last.high : null;
  return {
    claim: "First layers make whole parts of the face",
    measure: "parts",
    measured: layers.map(({ share }) => share.value.toPrecision(3)).join(", "),
    holds,
    alsoIn: [],
    verdict: holds === null ? "not known" : holds ? "holds" : "not confirmed",
  };
}
