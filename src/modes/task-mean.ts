import type { JsonObject } from "../json.js";

/**
 * Contributions of every unit, averaged over the tasks of a language model: of a game with contrasts, which are outputs
 * behind them. Contrasts are differences of the tasks, and would take some of them away. The standard errors of such
 * means are not known.
 *
 * @returns undefined where the modes are of no such game, and the mean is that over all outputs
 */
export function meanOverTasks(modes: {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly values: Float64Array;
  readonly provenance: JsonObject;
}): { readonly values: Float64Array; readonly standardErrors: undefined; readonly tasks: number } | undefined {
  const { units, outputShape, values, provenance } = modes;
  const { tasks: names, contrasts } = (provenance.game ?? {}) as { tasks?: unknown; contrasts?: unknown };
  if (!Array.isArray(names) || !Array.isArray(contrasts) || contrasts.length === 0 || names.length === 0)
    return undefined;
  const [outputs] = outputShape;
  const tasks = names.length;
  // A part of the outputs has the provenance of all of them.
  if (outputShape.length !== 1 || outputs !== tasks + contrasts.length) return undefined;
  const means = Float64Array.from(units, (_, u) => {
    let sum = 0;
    for (let t = 0; t < tasks; t++) sum += values[u * outputs + t];
    return sum / tasks;
  });
  return { values: means, standardErrors: undefined, tasks };
}

/** What such a mean is over. */
export function tasksAlone(tasks: number): string {
  return tasks === 1 ? "the task alone, without contrasts" : `the ${tasks} tasks alone, without contrasts`;
}
