import type { ArrayElement } from "./commands.js";

/** Reasons for which tasks wait that pass by themselves. */
const inTurn = new Set([
  "None",
  "Priority",
  "Resources",
  "Dependency",
  "JobArrayTaskLimit",
  "BeginTime",
  "Cleaning",
  "Prolog",
]);

/**
 * What is to be said of tasks that wait for more than their turn, which may be for ever: held, over a limit, for nodes
 * that there are not. Slurm takes such arrays.
 *
 * @param name of the arrays
 */
export function waitRemarks(elements: readonly ArrayElement[], name: string): string[] {
  const remarks = elements.flatMap(({ state, reason, array }) => {
    if (state !== "PENDING" || inTurn.has(reason)) return [];
    if (/held/i.test(reason))
      return [`Slurm holds tasks of ${array} back (${reason}); scontrol release ${array} lets them go`];
    const remedy = `if that will not pass, Ctrl-C, scancel --name=${name}, and run this again with other options`;
    return [`Slurm lets tasks of ${array} wait (${reason}); ${remedy}`];
  });
  return [...new Set(remarks)];
}
