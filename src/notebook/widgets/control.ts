import { isDeepStrictEqual } from "node:util";
import { wrongKind } from "../../errors.js";
import { asShown } from "../display/bundle.js";
import type { State } from "./model.js";
import { Widget, type WidgetParts } from "./widget.js";

/** How a value stands in a widget's state. */
export interface Codec<Value> {
  /** Checks a value and returns the state that has it; throws RangeError or TypeError. */
  write(value: Value): State;
  /** The value in a state; undefined where what a front end says is none. */
  read(state: State): Value | undefined;
}

/** A widget with a value, which the user changes by hand and code by assignment. */
export class Control<Value> extends Widget {
  readonly #codec: Codec<Value>;
  readonly #followers = new Set<(value: Value) => void>();

  /** @internal */
  constructor(
    /** What the widget is called. */
    readonly label: string,
    parts: WidgetParts,
    codec: Codec<Value>,
    private readonly words: (value: Value) => string,
  ) {
    super(parts, {
      accepts: (name, value) => codec.read({ ...this.model.state, [name]: value }) !== undefined,
      changed: (names) => {
        if (names.some((name) => Object.hasOwn(codec.write(this.value), name))) this.#tell();
      },
    });
    this.#codec = codec;
  }

  /**
   * The present value. Assigning another moves the control in every front end, and calls what listens.
   *
   * @throws RangeError or TypeError for a value that the control can not have
   */
  get value(): Value {
    return this.#codec.read(this.model.state) as Value;
  }

  set value(value: Value) {
    const state = this.#codec.write(value);
    const before = this.value;
    this.model.set(state);
    if (!isDeepStrictEqual(this.value, before)) this.#tell();
  }

  /**
   * Calls a function with every new value, whoever changed it; with the values it is, not those it was when listening
   * began. It runs as in the cell that made the control: its output stands there, and an error is told there and ends
   * nothing.
   *
   * @returns what ends the listening
   * @example
   * const k = await slider("lesioned units", { max: 200 });
   * const stop = k.onChange((value) => console.log(value));
   * k.value = 20;
   * stop();
   */
  onChange(listener: (value: Value) => unknown): () => void {
    if (typeof listener !== "function") throw wrongKind("listener", "a function", listener);
    return asShown(this.follow((value) => void this.model.notify(() => listener(value))));
  }

  /** @internal Calls a function with every new value, at once and where it was changed. */
  follow(follower: (value: Value) => void): () => void {
    // A function that is given twice is called twice.
    const own = (value: Value) => follower(value);
    this.#followers.add(own);
    return () => void this.#followers.delete(own);
  }

  override describe(): string {
    return `${this.label ? `${this.label}: ` : ""}${this.words(this.value)}`;
  }

  #tell(): void {
    const { value } = this;
    for (const follower of [...this.#followers]) follower(value);
  }
}

/** Checks the label of a control and returns it. */
export function validLabel(label: unknown): string {
  if (typeof label !== "string") throw wrongKind("label", "a text", label);
  return label;
}

/** What controls with a label beside them have in common: a long label is shown whole. */
export const wholeLabel: State = { description_width: "initial" };

/** The part of a state that labels a control. */
export function labelled(label: string): State {
  return { description: label, description_allow_html: false, disabled: false };
}
