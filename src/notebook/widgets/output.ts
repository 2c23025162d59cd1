import { wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { display } from "../display/display.js";
import { capture } from "./captured.js";
import { paced } from "./paced.js";
import { outputState } from "./states.js";
import { shown, Widget, type WidgetOptions } from "./widget.js";

/** Options of {@link output}. */
export type OutputOptions = WidgetOptions;

/** The names of `OutputOptions`. */
export const outputOptionNames: OptionNames<OutputOptions> = { show: true };

/** A place for outputs, as {@link output} makes it. */
export class OutputArea extends Widget {
  readonly #send = paced(() => this.#sendNow());
  readonly #capture = capture(() => this.#send());

  /** @internal */
  constructor() {
    super({ name: "Output", state: { msg_id: "", outputs: [] } }, {}, (_name, state) => outputState(state));
  }

  /**
   * Does work whose output comes here, below what is here already: printed text, displays, figures.
   *
   * @returns what the work returns
   * @throws what the work throws
   */
  async capture<T>(work: () => T | Promise<T>): Promise<T> {
    if (typeof work !== "function") throw wrongKind("work", "a function", work);
    try {
      return await this.#capture.during(() => work());
    } finally {
      this.#sendNow();
    }
  }

  /** Shows a value here, as {@link display} does in a cell. */
  async display(value: unknown): Promise<void> {
    await this.capture(() => display(value));
  }

  /** Takes away what is here. */
  clear(): void {
    this.#capture.outputs.length = 0;
    this.#sendNow();
  }

  override describe(): string {
    const words = this.#capture.outputs.map((each) => {
      if (each.output_type === "stream") return each.text.trimEnd();
      return each.output_type === "error" ? each.evalue : String(each.data["text/plain"] ?? "");
    });
    return words.join("\n") || "(empty output)";
  }

  #sendNow(): void {
    this.model.set({ outputs: structuredClone(this.#capture.outputs) });
  }
}

/**
 * A place for outputs, shown in the running cell: what is printed and displayed in its `capture` stands there, also
 * when it happens later and elsewhere. Figures in it need a front end with widgets; `interact` shows them without.
 *
 * @example
 * const place = await output();
 * await place.capture(() => console.log("here, and not below"));
 * place.clear();
 */
export async function output(options: OutputOptions = {}): Promise<OutputArea> {
  knownOptions("output", options, outputOptionNames);
  return shown(new OutputArea(), options);
}
