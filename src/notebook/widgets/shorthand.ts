import { wrongKind } from "../../errors.js";
import { checkbox } from "./checkbox.js";
import { Control } from "./control.js";
import { select } from "./select.js";
import { slider } from "./slider.js";
import { text } from "./text-field.js";

/**
 * What stands for a control: `[from, to]` or `[from, to, step]` for a slider, a list of texts for a choice, true or
 * false for a checkbox, a text for a field, or a control that was made before.
 */
export type Shorthand =
  | readonly [from: number, to: number]
  | readonly [from: number, to: number, step: number]
  | readonly string[]
  | boolean
  | string
  // biome-ignore lint/suspicious/noExplicitAny: a control takes its values and gives them, so no other type holds all controls
  | Control<any>;

/** Type of the values of the control that a shorthand stands for. */
export type ShorthandValue<Short> =
  Short extends Control<infer Value>
    ? Value
    : Short extends readonly (infer Choice extends string)[]
      ? Choice
      : Short extends readonly number[]
        ? number
        : Short extends boolean
          ? boolean
          : Short extends string
            ? string
            : never;

/** Values of several controls, by their names. */
export type ShorthandValues<Shorts> = { readonly [Name in keyof Shorts]: ShorthandValue<Shorts[Name]> };

/** The controls themselves. */
export type ShorthandControls<Shorts> = { readonly [Name in keyof Shorts]: Control<ShorthandValue<Shorts[Name]>> };

/** The control that a shorthand stands for, not shown yet. */
export async function controlFor(name: string, given: Shorthand): Promise<Control<unknown>> {
  return (await made(name, given)) as Control<unknown>;
}

async function made(name: string, given: Shorthand): Promise<unknown> {
  const hidden = { show: false };
  if (given instanceof Control) return given;
  if (typeof given === "boolean") return checkbox(name, { ...hidden, value: given });
  if (typeof given === "string") return text(name, { ...hidden, value: given });
  if (isNumbers(given)) {
    const [min, max, step] = given;
    return named(name, () => slider(name, { ...hidden, min, max, ...(step === undefined ? {} : { step }) }));
  }
  if (Array.isArray(given) && given.length > 0 && given.every((choice) => typeof choice === "string")) {
    return named(name, () => select(name, given as readonly string[], hidden));
  }
  throw wrongKind(name, "[from, to], [from, to, step], a list of texts, true or false, a text, or a control", given);
}

function isNumbers(given: unknown): given is [number, number, number?] {
  const count = Array.isArray(given) ? given.length : 0;
  return (count === 2 || count === 3) && (given as unknown[]).every((part) => typeof part === "number");
}

/** Makes a control; an error about one of its parts says of which control. */
async function named<Made>(name: string, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replace(/^invalid /, `invalid ${name}.`);
    throw error;
  }
}
