import { wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { validLabel } from "./control.js";
import { shown, Widget, type WidgetOptions } from "./widget.js";
import { type WorkContext, workContext } from "./work-context.js";

/** What a button does. */
export type ButtonWork = (context: WorkContext) => unknown;

/** Options of {@link button}. */
export type ButtonOptions = WidgetOptions;

/** The names of `ButtonOptions`. */
export const buttonOptionNames: OptionNames<ButtonOptions> = { show: true };

/** A button, as {@link button} makes it. */
export class Button extends Widget {
  #working = false;

  /** @internal */
  constructor(
    /** What is written on it. */
    readonly label: string,
    private readonly work: ButtonWork,
  ) {
    super(
      {
        name: "Button",
        style: ["Button", { button_color: null, font_weight: "" }],
        state: { description: label, disabled: false, button_style: "", icon: "", tooltip: "" },
      },
      { custom: (content) => (content as { event?: unknown } | null)?.event === "click" && this.click() },
    );
  }

  /** Does what a click does; nothing while it still works. */
  click(): void {
    if (this.#working) return;
    this.#working = true;
    this.model.set({ disabled: true });
    // The work may be ended by force, and then does nothing at its own end.
    void this.model.notify(() => this.work(workContext())).then(() => this.#ready());
  }

  override describe(): string {
    return `[${this.label}] (button)`;
  }

  #ready(): void {
    this.#working = false;
    this.model.set({ disabled: false });
  }
}

/**
 * A button, shown in the running cell. What it does runs as in that cell: output stands there, and an error is told
 * there. While it works the button can not be pressed; interrupting the kernel ends the work.
 *
 * @param work called at each click, with a signal that an interrupt aborts
 * @example
 * await button("run", async () => {
 *   const modes = await shapley(await gameFrom(4, (intact) => intact.size), { orderings: 100 });
 *   console.log(modes.units.length);
 * });
 */
export async function button(label: string, work: ButtonWork, options: ButtonOptions = {}): Promise<Button> {
  knownOptions("button", options, buttonOptionNames);
  const text = validLabel(label);
  if (typeof work !== "function") throw wrongKind("work", "a function", work);
  return shown(new Button(text, work), options);
}
