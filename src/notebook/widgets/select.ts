import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { Control, labelled, validLabel, wholeLabel } from "./control.js";
import { shown, type WidgetOptions } from "./widget.js";

/** Options of {@link select}. */
export interface SelectOptions<Choice> extends WidgetOptions {
  /** The choice that it begins with; default the first. */
  readonly value?: Choice;
  /** How many lines of a list are shown at once; default none: the choices unfold where it is clicked. */
  readonly rows?: number;
}

/** The names of `SelectOptions`. */
export const selectOptionNames: OptionNames<SelectOptions<unknown>> = { value: true, rows: true, show: true };

/**
 * A choice of one out of several texts or numbers, shown in the running cell. Its value is typed by them.
 *
 * @throws RangeError for no choices, for one that stands twice, or a `value` that is none of them
 * @example
 * const layer = await select("layer", ["hidden1", "hidden2"]);
 * layer.value;   // "hidden1" | "hidden2"
 */
export async function select<const Choice extends string | number>(
  label: string,
  choices: readonly Choice[],
  options: SelectOptions<NoInfer<Choice>> = {},
): Promise<Control<Choice>> {
  knownOptions("select", options, selectOptionNames);
  const text = validLabel(label);
  const all = validChoices("choices", choices) as readonly Choice[];
  const { value = all[0], rows } = options;
  const indexOf = (choice: unknown): number => {
    const index = all.indexOf(choice as Choice);
    if (index < 0) throw invalid("value", `one of ${all.join(", ")}`, choice);
    return index;
  };
  const control = new Control<Choice>(
    text,
    {
      name: rows === undefined ? "Dropdown" : "Select",
      style: ["Description", wholeLabel],
      state: {
        ...labelled(text),
        ...(rows === undefined ? {} : { rows: positiveInteger("rows", rows) }),
        _options_labels: all.map(String),
        index: indexOf(value),
      },
    },
    {
      write: (choice) => ({ index: indexOf(choice) }),
      read: ({ index }) => (typeof index === "number" ? all[index] : undefined),
    },
    (now) => `${now} (one of ${all.join(", ")})`,
  );
  return shown(control, options);
}

/** Checks a list of choices and returns it. */
export function validChoices(name: string, choices: unknown): readonly (string | number)[] {
  const rule = "a list of one text or number or more";
  if (!Array.isArray(choices)) throw wrongKind(name, rule, choices);
  if (choices.length === 0) throw invalid(name, rule, choices);
  const wrong = choices.findIndex((choice) => typeof choice !== "string" && !Number.isFinite(choice));
  if (wrong >= 0) throw wrongKind(`${name}[${wrong}]`, "a text or a number", choices[wrong]);
  const twice = choices.find((choice, at) => choices.map(String).indexOf(String(choice)) < at);
  if (twice !== undefined) throw invalid(name, "choices that all differ", twice);
  return [...choices];
}
