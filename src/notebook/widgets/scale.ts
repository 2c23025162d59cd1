import { invalid, wrongKind } from "../../errors.js";
import type { OptionNames } from "../../options.js";
import type { State } from "./model.js";
import type { WidgetOptions } from "./widget.js";

/** Options of controls that move along a scale. */
export interface ScaleOptions extends WidgetOptions {
  /** Lowest value; default 0. */
  readonly min?: number;
  /** Highest value, above the lowest; default 100. */
  readonly max?: number;
  /** Distance between two values, above 0; default 1 where the ends are whole numbers, else a hundredth of the way. */
  readonly step?: number;
  /** Whether it tells of values on the way, while it is dragged; default true. With false, once it is let go. */
  readonly live?: boolean;
}

/** The names of `ScaleOptions`. */
export const scaleOptionNames: OptionNames<ScaleOptions> = { min: true, max: true, step: true, live: true, show: true };

/** A scale whose numbers were checked. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Whether all its values are whole numbers. */
  readonly whole: boolean;
}

/**
 * The scale that options ask for.
 *
 * @param values what the control begins with: one that is not whole makes all of them fractions
 */
export function scaleOf({ min = 0, max = 100, step }: ScaleOptions, values: readonly number[]): Scale {
  number("min", min);
  number("max", max);
  if (!(max > min)) throw invalid("max", `a number above min, which is ${min}`, max);
  const ends = Number.isInteger(min) && Number.isInteger(max);
  const chosen = step === undefined ? (ends ? 1 : Number(((max - min) / 100).toPrecision(6))) : number("step", step);
  if (!(chosen > 0)) throw invalid("step", "a number above 0", chosen);
  return { min, max, step: chosen, whole: ends && Number.isInteger(chosen) && values.every(Number.isInteger) };
}

/** Checks that a value lies on a scale and returns it. */
export function onScale(name: string, value: unknown, { min, max, whole }: Scale): number {
  const rule = `${whole ? "an integer" : "a number"} from ${min} to ${max}`;
  if (typeof value !== "number") throw wrongKind(name, rule, value);
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) throw invalid(name, rule, value);
  return value;
}

/** Whether a front end's value lies on a scale. */
export function liesOn(value: unknown, { min, max, whole }: Scale): value is number {
  return typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value));
}

/** The part of a state that a scale makes. */
export function scaleState({ min, max, step, whole }: Scale, live: boolean): State {
  return {
    min,
    max,
    step,
    continuous_update: live,
    orientation: "horizontal",
    readout: true,
    readout_format: whole ? "d" : `.${Math.min(6, decimals(step))}f`,
    behavior: "drag-tap",
  };
}

/** Digits behind the point of a number as it is written. */
function decimals(value: number): number {
  const [digits, exponent = "0"] = value.toExponential().split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent));
}

function number(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a number", value);
  if (!Number.isFinite(value)) throw invalid(name, "a finite number", value);
  return value;
}
