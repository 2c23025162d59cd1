import { totalmem } from "node:os";
import { invalid } from "../../errors.js";
import type { Plan, Request } from "../../estimators/estimator.js";
import { sizeText } from "../../words.js";

/** Bytes that sums may take unless told otherwise. */
export function usualMemory(): number {
  return Math.min(1e9, process.availableMemory() / 2);
}

/** Bytes that there are at all, for this process. */
function allMemory(): number {
  const limit = process.constrainedMemory(); // 0, or beyond what there is, where there is none
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * A fit that can not be made is an error before anything is played for it.
 *
 * @param all bytes of memory that there are
 * @throws RangeError where the estimate takes more memory than the machine has
 */
export function checkFit({ fitBytes = 0 }: Plan, { units, evaluations }: Request, all = allMemory()): void {
  if (fitBytes <= all) return;
  const rule = `fewer for ${units} units, or another estimator (antithetic holds sums alone): the fit takes ${sizeText(fitBytes)} of memory, and there are ${sizeText(all)} in all`;
  throw invalid("evaluations", rule, evaluations ?? "orderings");
}
