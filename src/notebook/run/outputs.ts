import type { MimeData } from "../../kernel-hook.js";
import type { DisplayOutput, Output, ResultOutput } from "./nbformat.js";
import type { Message } from "./wire.js";

/** Displays that have a name, in all cells of a notebook: an update replaces each of them. */
export type NamedDisplays = Map<string, (DisplayOutput | ResultOutput)[]>;

/** The outputs of one cell, as the kernel's messages make them. */
export interface OutputCollector {
  /** Outputs so far, in order. */
  readonly outputs: Output[];
  /** Takes in one message from the iopub channel; messages that are no output change nothing. */
  add(message: Message): void;
}

/** Collects the outputs of a cell; `displays` is shared by all cells of a notebook. */
export function collectOutputs(displays: NamedDisplays): OutputCollector {
  const outputs: Output[] = [];
  let clearAtNext = false;

  const push = (output: Output): void => {
    if (clearAtNext) outputs.length = 0;
    clearAtNext = false;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      last.text += output.text;
    } else outputs.push(output);
  };

  const show = (output: DisplayOutput | ResultOutput, content: Content): void => {
    push(output);
    const id = content.transient?.display_id;
    if (id !== undefined) displays.set(id, [...(displays.get(id) ?? []), output]);
  };

  return {
    outputs,
    add({ type, content: raw }) {
      const content = raw as unknown as Content;
      const { data = {}, metadata = {} } = content;
      if (type === "stream") push({ output_type: "stream", name: content.name, text: content.text });
      else if (type === "display_data") show({ output_type: "display_data", data, metadata }, content);
      else if (type === "execute_result") {
        show({ output_type: "execute_result", execution_count: content.execution_count, data, metadata }, content);
      } else if (type === "update_display_data") {
        const named = displays.get(content.transient?.display_id ?? "") ?? [];
        for (const output of named) Object.assign(output, { data, metadata });
      } else if (type === "error") {
        const { ename, evalue, traceback } = content;
        push({ output_type: "error", ename, evalue, traceback });
      } else if (type === "clear_output") {
        clearAtNext = content.wait === true;
        if (!clearAtNext) outputs.length = 0;
      }
    },
  };
}

/** Content of the messages above, each with its own part of these. */
interface Content {
  readonly name: "stdout" | "stderr";
  readonly text: string;
  readonly data?: MimeData;
  readonly metadata?: Record<string, unknown>;
  readonly transient?: { readonly display_id?: string };
  readonly execution_count: number;
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: string[];
  readonly wait?: boolean;
}
