import { wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { Control, labelled, validLabel, wholeLabel } from "./control.js";
import { shown, type WidgetOptions } from "./widget.js";

/** Options of {@link checkbox}. */
export interface CheckboxOptions extends WidgetOptions {
  /** Whether it is ticked at first; default false. */
  readonly value?: boolean;
}

/** The names of `CheckboxOptions`. */
export const checkboxOptionNames: OptionNames<CheckboxOptions> = { value: true, show: true };

/**
 * A box to tick, shown in the running cell. Its value is true or false.
 *
 * @example
 * const normed = await checkbox("normed", { value: true });
 * normed.onChange((ticked) => console.log(ticked));
 */
export async function checkbox(label: string, options: CheckboxOptions = {}): Promise<Control<boolean>> {
  knownOptions("checkbox", options, checkboxOptionNames);
  const text = validLabel(label);
  const control = new Control<boolean>(
    text,
    {
      name: "Checkbox",
      style: ["Description", wholeLabel],
      state: { ...labelled(text), indent: false, value: ticked(options.value ?? false) },
    },
    {
      write: (value) => ({ value: ticked(value) }),
      read: ({ value }) => (typeof value === "boolean" ? value : undefined),
    },
    (value) => `${value ? "yes" : "no"} (checkbox)`,
  );
  return shown(control, options);
}

function ticked(value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongKind("value", "true or false", value);
  return value;
}
