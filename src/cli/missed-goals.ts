import { closestText, goalText } from "../estimators/stopping/goals.js";
import { stoppingRecord } from "../estimators/stopping/record.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { IncompleteError } from "./context.js";

/** Exit code of a command whose result is there, and less precise than was asked for. */
export const missedGoalCode = 3;

/**
 * Ends a command that has written its result where a goal of `--until` was missed.
 *
 * @param out the file that has the result
 * @throws IncompleteError that names the goals
 */
export function checkGoals(modes: ShapleyModes, out: string): void {
  const missed = stoppingRecord(modes.provenance)?.goals.filter(({ met }) => !met) ?? [];
  if (missed.length === 0) return;
  const goals = missed.map((goal) => goalText(goal) + closestText(goal)).join("; ");
  throw new IncompleteError(`less precise than asked for: ${goals} (what there is is in ${out})`, missedGoalCode);
}
