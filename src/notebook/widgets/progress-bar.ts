import { knownOptions, type OptionNames } from "../../options.js";
import { labelled, validLabel, wholeLabel } from "./control.js";
import { paced } from "./paced.js";
import { onScale, type Scale, scaleOf } from "./scale.js";
import { shown, Widget, type WidgetOptions } from "./widget.js";

/** Options of {@link progressBar}. */
export interface ProgressBarOptions extends WidgetOptions {
  /** The value of an empty bar; default 0. */
  readonly min?: number;
  /** The value of a full bar, above `min`; default 100. */
  readonly max?: number;
  /** The value that it begins with; default `min`. */
  readonly value?: number;
}

/** The names of `ProgressBarOptions`. */
export const progressBarOptionNames: OptionNames<ProgressBarOptions> = {
  min: true,
  max: true,
  value: true,
  show: true,
};

/** A bar that fills, as {@link progressBar} makes it. */
export class ProgressBar extends Widget {
  readonly #scale: Scale;
  #value: number;
  readonly #send = paced(() => this.model.set({ value: this.#value }));

  /** @internal */
  constructor(
    /** What the bar is called. */
    readonly label: string,
    scale: Scale,
    value: number,
  ) {
    const { min, max } = scale;
    super({
      name: "FloatProgress",
      view: "Progress",
      style: ["Progress", { ...wholeLabel, bar_color: null }],
      state: { ...labelled(label), min, max, value, bar_style: "", orientation: "horizontal" },
    });
    this.#scale = scale;
    this.#value = value;
  }

  /**
   * How far it is. Assigning a number moves the bar, also in a loop without a pause; front ends are told at most ten
   * times a second, and of the last value before the cell ends.
   *
   * @throws RangeError for a number that is not from `min` to `max`
   */
  get value(): number {
    return this.#value;
  }

  set value(value: number) {
    this.#value = onScale("value", value, this.#scale);
    this.#send();
  }

  override describe(): string {
    const { min, max } = this.#scale;
    const share = Math.round((100 * (this.#value - min)) / (max - min));
    return `${this.label ? `${this.label}: ` : ""}${share} % (progress)`;
  }
}

/**
 * A bar that shows how far something is, shown in the running cell. For loops, `progress` does more: it counts by
 * itself, and estimates the time left.
 *
 * @throws RangeError for a `max` that is not above `min`, or a `value` outside
 * @example
 * const bar = await progressBar("rows", { max: 3 });
 * for (const row of ["a", "b", "c"]) bar.value += row.length;
 */
export async function progressBar(label: string, options: ProgressBarOptions = {}): Promise<ProgressBar> {
  knownOptions("progressBar", options, progressBarOptionNames);
  const { min = 0, max = 100, value = min } = options;
  const scale = { ...scaleOf({ min, max }, []), whole: false };
  return shown(new ProgressBar(validLabel(label), scale, onScale("value", value, scale)), options);
}
