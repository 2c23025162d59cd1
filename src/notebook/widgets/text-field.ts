import { wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { Control, labelled, validLabel, wholeLabel } from "./control.js";
import { shown, type WidgetOptions } from "./widget.js";

/** Options of {@link text}. */
export interface TextOptions extends WidgetOptions {
  /** The text that it begins with; default none. */
  readonly value?: string;
  /** What stands in the empty field, in grey; default nothing. */
  readonly placeholder?: string;
  /** Whether it tells of every letter; default false: of the text, once Enter is pressed or the field is left. */
  readonly live?: boolean;
}

/** The names of `TextOptions`. */
export const textOptionNames: OptionNames<TextOptions> = { value: true, placeholder: true, live: true, show: true };

/**
 * A field for a line of text, shown in the running cell.
 *
 * @example
 * const name = await text("name of the figure", { placeholder: "figure 1" });
 * name.onChange((line) => console.log(line));
 */
export async function text(label: string, options: TextOptions = {}): Promise<Control<string>> {
  knownOptions("text", options, textOptionNames);
  const description = validLabel(label);
  const { value = "", placeholder = "", live = false } = options;
  const control = new Control<string>(
    description,
    {
      name: "Text",
      style: ["Description", wholeLabel],
      state: {
        ...labelled(description),
        continuous_update: live,
        placeholder: line("placeholder", placeholder),
        value: line("value", value),
      },
    },
    {
      write: (given) => ({ value: line("value", given) }),
      read: ({ value: given }) => (typeof given === "string" ? given : undefined),
    },
    (now) => `${JSON.stringify(now)} (text)`,
  );
  return shown(control, options);
}

function line(name: string, value: unknown): string {
  if (typeof value !== "string") throw wrongKind(name, "a text", value);
  return value;
}
