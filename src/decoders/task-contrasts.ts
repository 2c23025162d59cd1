import { invalid, wrongKind } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";

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
  return (contrasts as readonly TaskContrast[]).map((contrast, c) => {
    const name = contrast?.name;
    if (typeof name !== "string") throw wrongKind(`contrasts[${c}].name`, "a text", name);
    if (name === "" || names.has(name))
      throw invalid(`contrasts[${c}].name`, "a name that no task and no other contrast has", name);
    if (/\p{Cc}/u.test(name)) throw invalid(`contrasts[${c}].name`, "a name without control characters", name);
    names.add(name);
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
        if (at < 0) throw invalid(`${side} of contrast ${name}`, `tasks of the game: ${tasks.join(", ")}`, task);
        if (seen.has(task)) throw invalid(`contrast ${name}`, "each task once", task);
        seen.add(task);
        weights[at] += sign / some.length;
      }
    }
    return weights;
  });
}

/** Contrasts as JSON holds them. */
export function plainContrasts(contrasts: readonly TaskContrast[]) {
  return contrasts.map(({ name, plus, minus }) => ({ name, plus: [...plus], minus: [...minus] }));
}
