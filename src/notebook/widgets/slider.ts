import { knownOptions, type OptionNames } from "../../options.js";
import { Control, labelled, validLabel, wholeLabel } from "./control.js";
import { liesOn, onScale, type ScaleOptions, scaleOf, scaleOptionNames, scaleState } from "./scale.js";
import { shown } from "./widget.js";

/** Options of {@link slider}. */
export interface SliderOptions extends ScaleOptions {
  /** The value that it begins with; default `min`. */
  readonly value?: number;
}

/** The names of `SliderOptions`. */
export const sliderOptionNames: OptionNames<SliderOptions> = { ...scaleOptionNames, value: true };

/**
 * A slider for a number, shown in the running cell. Its values are whole numbers where `min`, `max`, `step` and `value`
 * are.
 *
 * @throws RangeError for a `max` that is not above `min`, a `step` that is not above 0, a `value` outside
 * @example
 * const k = await slider("lesioned units", { min: 0, max: 200 });
 * k.onChange((value) => console.log(`${value} of 200`));
 */
export async function slider(label: string, options: SliderOptions = {}): Promise<Control<number>> {
  knownOptions("slider", options, sliderOptionNames);
  const text = validLabel(label);
  const { min = 0, value = min, live = true } = options;
  const scale = scaleOf(options, [value]);
  const control = new Control<number>(
    text,
    {
      name: scale.whole ? "IntSlider" : "FloatSlider",
      style: ["Slider", { ...wholeLabel, handle_color: null }],
      state: { ...labelled(text), ...scaleState(scale, live), value: onScale("value", value, scale) },
    },
    {
      write: (given) => ({ value: onScale("value", given, scale) }),
      read: (state) => (liesOn(state.value, scale) ? state.value : undefined),
    },
    (now) => `${now} (slider from ${scale.min} to ${scale.max})`,
  );
  return shown(control, options);
}
