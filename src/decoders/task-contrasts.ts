import { invalid, wrongKind } from "../errors.js";
import { nearestNames } from "../nearest-names.js";
import { knownOptions, type OptionNames } from "../options.js";
import { shortName } from "../words.js";
import { newName } from "./new-name.js";

/** A difference of tasks, such as German less arithmetic: the mean of some tasks' values less the mean of others'. */
export interface TaskContrast {
  /** A name that no task and no other contrast has. */
  readonly name: string;
  /** Names of tasks. */
  readonly plus: readonly string[];
  readonly minus: readonly string[];
}

/** The names of `TaskContrast`. */
export const contrastKeys: OptionNames<TaskContrast> = { name: true, plus: true, minus: true };

/** What contrasts are of tasks: for each a weight of every task. @throws TypeError, RangeError for what is none */
export function contrastWeights(contrasts: readonly TaskContrast[], tasks: readonly string[]): number[][] {
  if (!Array.isArray(contrasts)) throw wrongKind("contrasts", "a list of { name, plus, minus }", contrasts);
  const names = new Set(tasks);
  // Not map, which passes holes over.
  return Array.from(contrasts as readonly TaskContrast[], (contrast, c) => {
    if (typeof contrast !== "object" || contrast === null) {
      throw wrongKind(`contrasts[${c}]`, "{ name, plus, minus }", contrast);
    }
    const rule = "a name that no task and no other contrast has";
    const name = shortName(newName(`contrasts[${c}].name`, contrast.name, names, rule));
    knownOptions(`contrast ${name}`, contrast, contrastKeys);
    const weights = tasks.map(() => 0);
    const seen = new Set<string>();
    for (const [side, sign] of [
      ["plus", 1],
      ["minus", -1],
    ] as const) {
      const some = contrast[side];
      if (!Array.isArray(some)) throw wrongKind(`${side} of contrast ${name}`, "a list of tasks' names", some);
      if (some.length === 0) throw invalid(`${side} of contrast ${name}`, "at least one task", some);
      for (const task of some as readonly string[]) {
        const at = tasks.indexOf(task);
        if (at < 0) throw invalid(`${side} of contrast ${name}`, tasksRule(task, tasks), task);
        if (seen.has(task)) throw invalid(`contrast ${name}`, "each task once", task);
        seen.add(task);
        weights[at] += sign / some.length;
      }
    }
    return weights;
  });
}

/** The tasks of a game; of many those whose names are the nearest. */
function tasksRule(task: unknown, tasks: readonly string[]): string {
  if (tasks.length <= 5) return `tasks of the game: ${tasks.map((own) => shortName(own)).join(", ")}`;
  const near = nearestNames(String(task).slice(0, 100), tasks, 3).map((own) => shortName(own));
  return `one of the ${tasks.length} tasks, such as the nearest: ${near.join(", ")}`;
}

/** Contrasts as JSON holds them. */
export function plainContrasts(contrasts: readonly TaskContrast[]) {
  return contrasts.map(({ name, plus, minus }) => ({ name, plus: [...plus], minus: [...minus] }));
}
