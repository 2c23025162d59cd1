import { viewMime } from "../../src/notebook/page/widget-states.js";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { collectOutputs, type NamedDisplays } from "../../src/notebook/run/outputs.js";
import type { Message } from "../../src/notebook/run/wire.js";

/** A cell as a front end has it: its outputs go on changing after it has ended. */
export interface Cell {
  readonly reply: Record<string, unknown>;
  readonly outputs: ReturnType<typeof collectOutputs>["outputs"];
  /** Every message about the cell, in order, also those that come later. */
  readonly messages: Message[];
}

/** Plays the part of a front end with widgets: knows all models as the kernel's messages make them. */
export function widgetFrontEnd(kernel: KernelClient) {
  const models = new Map<string, Record<string, unknown>>();
  const displays: NamedDisplays = new Map();
  const heard: (() => void)[] = [];

  function take({ type, content }: Message): void {
    const { comm_id: id, data = {} } = content as { comm_id: string; data?: { state?: object; method?: string } };
    if (type === "comm_open") models.set(id, { ...data.state });
    else if (type === "comm_close") models.delete(id);
    else if (type === "comm_msg" && data.method !== "custom") Object.assign(models.get(id) ?? {}, data.state);
  }

  function start(code: string): { cell: Omit<Cell, "reply">; done: Promise<Cell> } {
    const collector = collectOutputs(displays);
    const messages: Message[] = [];
    const cell = { outputs: collector.outputs, messages };
    const done = kernel.request("execute_request", { code, silent: false }, (message) => {
      collector.add(message);
      messages.push(message);
      take(message);
      for (const each of heard) each();
    });
    return { cell, done: done.then((reply) => ({ ...cell, reply })) };
  }

  /** Sends a message about a model; the answers. */
  async function tell(id: string, data: object): Promise<Message[]> {
    const answers: Message[] = [];
    await kernel.tell("comm_msg", { comm_id: id, data }, (message) => {
      answers.push(message);
      take(message);
    });
    return answers;
  }

  return {
    models,
    start,
    run: (code: string) => start(code).done,
    tell,
    /** What a user does: sets attributes of a model. */
    set: (id: string, state: object) => tell(id, { method: "update", state, buffer_paths: [] }),
    click: (id: string) => tell(id, { method: "custom", content: { event: "click" } }),
    /** Identifiers of the models of a kind, in the order in which they were made. */
    all: (name: string) => [...models].filter(([, state]) => state._model_name === `${name}Model`).map(([id]) => id),
    /** The latest model of a kind. */
    latest(name: string): string {
      const id = this.all(name).at(-1);
      if (id === undefined) throw new Error(`there is no ${name}`);
      return id;
    },
    /** Waits until something holds; it is looked at after every message about a cell. */
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          heard.push(resolve);
        });
        heard.length = 0;
      }
    },
  };
}

/** Identifiers of the models that are shown in outputs. */
export function shownModels(outputs: Cell["outputs"]): string[] {
  return outputs.flatMap((output) => {
    const view = "data" in output ? (output.data[viewMime] as { model_id: string } | undefined) : undefined;
    return view ? [view.model_id] : [];
  });
}

/** The texts of outputs, those of widgets left out. */
export function textsOf(outputs: Cell["outputs"]): string[] {
  return outputs.flatMap((output) => {
    if (output.output_type === "stream") return [output.text];
    if (output.output_type === "error") return [`${output.ename}: ${output.evalue}`];
    return viewMime in output.data ? [] : [String(output.data["text/plain"])];
  });
}
