import { isDeepStrictEqual } from "node:util";
import { type KernelComm, kernelHook } from "../../kernel-hook.js";
import { recordOf } from "../page/widget-states.js";
import { modelIdentifier } from "./identifier.js";

/** State of a widget, as Jupyter's widget protocol has it. */
export type State = Readonly<Record<string, unknown>>;

/** What a model hears from front ends. */
export interface ModelListener {
  /**
   * A front end wants to set an attribute. Returns whether it may: where not, front ends are told what the value still
   * is.
   */
  accepts?(name: string, value: unknown): boolean;
  /** A front end has changed attributes, which the state now has. */
  changed?(names: readonly string[]): void;
  /** A message of the widget's own: the click of a button. */
  custom?(content: unknown): void;
}

/** Version of the widget protocol that is spoken here. */
const protocol = { version: "2.1.0" };
/** Name of the comms by which widgets are kept alike at both ends. */
const target = "jupyter.widget";

const models = new Map<string, Model>();
let answersStates = false;

/** A reference to another model, in a state. */
export const referenceTo = (model: Model): string => `IPY_MODEL_${model.id}`;

/**
 * One model of a widget: state that this process and every front end have alike (Jupyter widget protocol 2.1). Outside
 * a notebook it is the state alone.
 */
export class Model {
  readonly id: string;
  readonly #state: Record<string, unknown>;
  readonly #comm: KernelComm | undefined;

  constructor(
    state: State,
    private readonly listener: ModelListener = {},
  ) {
    this.id = modelIdentifier();
    this.#state = { ...state };
    const kernel = kernelHook();
    if (!kernel) return;
    answerStates();
    models.set(this.id, this);
    this.#comm = kernel.openComm(target, { state: this.#state, buffer_paths: [] }, { id: this.id, metadata: protocol });
    this.#comm.onMessage((data, answer) => this.#receive(data, answer));
    this.#comm.onClose(() => models.delete(this.id));
  }

  get state(): State {
    return this.#state;
  }

  /** Sets attributes, here and in front ends. */
  set(changes: State): void {
    const changed = Object.entries(changes).filter(([name, value]) => !isDeepStrictEqual(value, this.#state[name]));
    if (changed.length === 0) return;
    Object.assign(this.#state, Object.fromEntries(changed));
    this.#comm?.send(update(Object.fromEntries(changed)));
  }

  /** Does work as in the cell that made the model; see {@link KernelComm}. Outside a notebook, here and now. */
  perform<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#comm ? this.#comm.perform(work, signal) : (async () => work())();
  }

  /**
   * The same for listeners: an error is told where the cell's output is. Resolves when the work is over, also by force.
   */
  async notify(work: () => unknown): Promise<void> {
    await (this.#comm ? this.#comm.notify(work) : work());
  }

  /** Does something short as in the cell that made the model, at once: no interrupt comes between. */
  within<T>(work: () => T): T {
    return this.#comm ? this.#comm.within(work) : work();
  }

  /** Takes the model from front ends. */
  close(): void {
    models.delete(this.id);
    this.#comm?.close();
  }

  #receive(data: unknown, answer: (data: object) => void): void {
    const { method, state, content } = asObject(data);
    if (method === "update") this.#update(asObject(state), answer);
    else if (method === "request_state") answer(update(this.#state));
    else if (method === "custom") this.listener.custom?.(content);
  }

  #update(state: State, answer: (data: object) => void): void {
    const known = Object.entries(state).filter(([name]) => !name.startsWith("_") && Object.hasOwn(this.#state, name));
    const taken = known.filter(([name, value]) => this.listener.accepts?.(name, value) ?? true);
    const changed = taken.filter(([name, value]) => !isDeepStrictEqual(value, this.#state[name]));
    Object.assign(this.#state, Object.fromEntries(taken));
    // Other front ends learn of it, and the one that sent it that it has arrived.
    if (taken.length > 0) answer({ ...update(Object.fromEntries(taken)), method: "echo_update" });
    const refused = known.filter((each) => !taken.includes(each)).map(([name]) => [name, this.#state[name]]);
    if (refused.length > 0) answer(update(Object.fromEntries(refused)));
    if (changed.length > 0) this.listener.changed?.(changed.map(([name]) => name));
  }
}

function update(state: State): object {
  return { method: "update", state, buffer_paths: [] };
}

/** A front end that is opened, or opened again, asks for all models at once. */
function answerStates(): void {
  if (answersStates) return;
  answersStates = true;
  kernelHook()?.registerTarget(`${target}.control`, (comm) =>
    comm.onMessage((data, answer) => {
      if (asObject(data).method !== "request_states") return;
      const states = [...models].map(([id, { state }]) => [id, recordOf(state)]);
      answer({ method: "update_states", states: Object.fromEntries(states), buffer_paths: [] });
    }),
  );
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}
