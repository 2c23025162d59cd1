import type { Estimator, Extent, Plan } from "../estimator.js";

/** Independent samples before the first look: of fewer a standard error is too uncertain to be decided on. */
export const firstSamples = 16;
/**
 * How much more there is at each look: a run does at most so much more than it has to, and few looks are little to be
 * corrected for.
 */
const growth = 1.25;

/** Independent samples in some chunks: what standard errors count. Without orderings, pairs of coalitions. */
export function samplesIn({ orderings, evaluations }: Extent, { unitOfIndependence }: Estimator): number {
  const together = unitOfIndependence === "pair" ? 2 : 1;
  return Math.floor((orderings ?? evaluations) / together);
}

/**
 * After how many chunks a stopping rule looks: at first after 16 samples, then whenever there are a quarter more, and
 * at the end; or where the plan says. Decided by the request alone. Without samples, as for the exact estimator, only
 * the whole means something.
 */
export function lookChunks(plan: Plan, estimator: Estimator): readonly number[] {
  if (estimator.unitOfIndependence === "none") return [plan.chunks];
  if (plan.looks) return plan.looks;
  const looks: number[] = [];
  let next = 1;
  while (next < plan.chunks && samplesIn(plan.extent(next), estimator) < firstSamples) next++;
  for (; next < plan.chunks; next = Math.max(next + 1, Math.ceil(next * growth))) looks.push(next);
  return [...looks, plan.chunks];
}
