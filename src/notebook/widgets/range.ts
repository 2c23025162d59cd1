import { invalid, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { Control, labelled, validLabel, wholeLabel } from "./control.js";
import { liesOn, onScale, type Scale, type ScaleOptions, scaleOf, scaleOptionNames, scaleState } from "./scale.js";
import { shown } from "./widget.js";

/** Two ends, the lower one first. */
export type Ends = readonly [low: number, high: number];

/** Options of {@link range}. */
export interface RangeOptions extends ScaleOptions {
  /** The ends that it begins with; default `min` and `max`. */
  readonly value?: Ends;
}

/** The names of `RangeOptions`. */
export const rangeOptionNames: OptionNames<RangeOptions> = { ...scaleOptionNames, value: true };

/**
 * A slider with two handles, for a range of numbers, shown in the running cell. Its value is `[low, high]`.
 *
 * @throws RangeError or TypeError as {@link slider}, and for ends in the wrong order
 * @example
 * const units = await range("units", { max: 200, value: [20, 60] });
 * const [low, high] = units.value;
 */
export async function range(label: string, options: RangeOptions = {}): Promise<Control<Ends>> {
  knownOptions("range", options, rangeOptionNames);
  const text = validLabel(label);
  const { min = 0, max = 100, live = true } = options;
  const value: unknown = options.value ?? [min, max];
  const scale = scaleOf(options, Array.isArray(value) ? value : []);
  const control = new Control<Ends>(
    text,
    {
      name: scale.whole ? "IntRangeSlider" : "FloatRangeSlider",
      style: ["Slider", { ...wholeLabel, handle_color: null }],
      state: { ...labelled(text), ...scaleState(scale, live), value: validEnds(value, scale) },
    },
    {
      write: (given) => ({ value: validEnds(given, scale) }),
      read: ({ value: given }) =>
        isPair(given) && given.every((end) => liesOn(end, scale)) && given[0] <= given[1]
          ? [given[0], given[1]]
          : undefined,
    },
    ([low, high]) => `${low} to ${high} (range from ${scale.min} to ${scale.max})`,
  );
  return shown(control, options);
}

function validEnds(value: unknown, scale: Scale): Ends {
  if (!isPair(value)) throw wrongKind("value", "two numbers, [low, high]", value);
  const [low, high] = value.map((end) => onScale("value", end, scale));
  if (low > high) throw invalid("value", "[low, high] with the lower end first", value);
  return [low, high];
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2;
}
