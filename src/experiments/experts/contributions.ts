import { unitsByLayer } from "../../analysis/layers.js";
import { invalid, wrongKind } from "../../errors.js";
import { has } from "../../kinds.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { arithmeticKinds } from "./arithmetic.js";
import { type Language, languageNames } from "./languages.js";

/**
 * What the experts of a decoder contribute to the nine tasks: of the published Mixtral-8x7B, or of a decoder that was
 * analysed here.
 */
export interface ExpertContributions {
  /** What the decoder is called. */
  readonly name: string;
  /** `[experts, tasks]`, experts named `L1/E3`. */
  readonly modes: ShapleyModes;
  /** Names of the tasks, the outputs of the modes, in order. */
  readonly tasks: readonly string[];
}

/** The domains of the nine tasks, as the paper groups them, and their tasks. */
export const taskDomains: Readonly<Record<"arithmetic" | "language" | "factual knowledge", readonly string[]>> = {
  arithmetic: arithmeticKinds,
  language: languageNames,
  "factual knowledge": ["capitals"],
};
/** One of `taskDomains`. */
export type TaskDomain = keyof typeof taskDomains;

/** The names of the nine tasks. */
export const taskNames: readonly string[] = Object.values(taskDomains).flat();

/** @throws TypeError, RangeError for what are no contributions of experts to the nine tasks */
export function checkContributions({ modes, tasks }: ExpertContributions): void {
  if (!(modes instanceof ShapleyModes)) throw wrongKind("modes", "ShapleyModes", modes);
  if (modes.outputs !== tasks.length) throw invalid("tasks", `${modes.outputs} names, one for each output`, tasks);
  const missing = taskNames.find((task) => !tasks.includes(task));
  if (missing !== undefined) throw invalid("tasks", `the nine tasks: ${taskNames.join(", ")}`, tasks);
}

/** What each expert contributes to one task, `[experts]`. */
export function toTask({ modes, tasks }: ExpertContributions, task: string): Float64Array {
  const at = tasks.indexOf(task);
  if (at < 0) throw invalid("task", `one of ${tasks.join(", ")}`, task);
  return modes.output(at).values;
}

/** What each expert contributes to some tasks on average, `[experts]`. */
export function toTasks(contributions: ExpertContributions, tasks: readonly string[]): Float64Array {
  const each = tasks.map((task) => toTask(contributions, task));
  return each[0].map((_, e) => each.reduce((sum, values) => sum + values[e], 0) / each.length);
}

/**
 * The share of each expert in what all contribute to a task: they add up to 1. NaN where all together contribute
 * nothing.
 */
export function sharesOf(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total === 0 ? Number.NaN : value / total));
}

/** The share of each expert in a domain: the mean of its tasks' contributions, brought to a sum of 1. */
export function domainShares(contributions: ExpertContributions, domain: TaskDomain): Float64Array {
  return sharesOf(toTasks(contributions, taskDomains[domain]));
}

/**
 * The mean of the three domains' shares: one number for each expert in which every domain counts alike. They add up
 * to 1.
 */
export function overallShares(contributions: ExpertContributions): Float64Array {
  const each = (Object.keys(taskDomains) as TaskDomain[]).map((domain) => domainShares(contributions, domain));
  return each[0].map((_, e) => each.reduce((sum, shares) => sum + shares[e], 0) / each.length);
}

/** Sum, or mean, of some numbers of experts over those of each layer, by the layer's name. */
export function byLayer(
  units: readonly string[],
  values: Float64Array,
  of: "sum" | "mean",
): { readonly layer: string; readonly value: number }[] {
  return [...unitsByLayer(units)].map(([layer, members]) => {
    const sum = members.reduce((all, u) => all + values[u], 0);
    return { layer, value: of === "sum" ? sum : sum / members.length };
  });
}

/**
 * How specific each expert is to a language, `[experts]`: its contribution to it less the mean of those to arithmetic
 * (the paper's measure, which is large for experts of any language), or less the mean of those to the other languages.
 */
export function languageSpecificity(
  contributions: ExpertContributions,
  language: Language,
  against: "arithmetic" | "other languages",
): Float64Array {
  has("contributions", contributions, "ExpertContributions", "name", "modes");
  const others = against === "arithmetic" ? arithmeticKinds : languageNames.filter((name) => name !== language);
  const own = toTask(contributions, language);
  const rest = toTasks(contributions, others);
  return own.map((value, e) => value - rest[e]);
}

/** The experts of largest specificity, from a layer on. @param except experts that are not to be picked */
export function mostSpecific(
  units: readonly string[],
  specificity: Float64Array,
  { count, fromLayer, except = [] }: { count: number; fromLayer: number; except?: readonly string[] },
): readonly string[] {
  return units
    .map((unit, u) => ({ unit, value: specificity[u] }))
    .filter(({ unit }) => Number(unit.slice(1).split("/")[0]) >= fromLayer && !except.includes(unit))
    .sort((a, b) => b.value - a.value)
    .slice(0, count)
    .map(({ unit }) => unit);
}

/** Modes of some outputs of one axis, in this order. */
export function outputsOf(modes: ShapleyModes, outputs: readonly number[]): ShapleyModes {
  const pick = (array: Float64Array | undefined, rows: number) => {
    if (!array) return undefined;
    const picked = new Float64Array(rows * outputs.length);
    for (let row = 0; row < rows; row++) {
      outputs.forEach((output, o) => {
        picked[row * outputs.length + o] = array[row * modes.outputs + output];
      });
    }
    return picked;
  };
  const { units, blocks } = modes;
  return new ShapleyModes({
    units,
    outputShape: [outputs.length],
    values: pick(modes.values, units.length) as Float64Array,
    standardErrors: pick(modes.standardErrors, units.length),
    vAll: pick(modes.vAll, 1),
    vNone: pick(modes.vNone, 1),
    blocks: blocks && {
      samples: blocks.samples,
      values: pick(blocks.values, blocks.samples.length * units.length) as Float64Array,
    },
    provenance: modes.provenance,
  });
}
