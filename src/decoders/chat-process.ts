/**
 * What a process of its own runs to write conversations by a chat template, a program from a foreign file:
 * `writtenChats` starts it, reads what it says, and ends it. The time limit here ends loops; what can not be
 * interrupted (a single large operation) ends with the process.
 */
import { runInNewContext } from "node:vm";
import { Template } from "@huggingface/jinja";
import type { ChatJob, ChatOutcome } from "./written-chats.js";

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece);
process.stdout.write(JSON.stringify(outcome(JSON.parse(Buffer.concat(pieces).toString("utf8")) as ChatJob)));

function outcome({ template, conversations, names, milliseconds, characters }: ChatJob): ChatOutcome {
  const texts: string[] = [];
  let left = characters;
  const write = () => {
    const program = new Template(template);
    for (const messages of conversations) {
      // What the library that templates are written for gives them where there is none.
      const none = { tools: null, documents: null };
      const text = program.render({ ...names, ...none, messages, add_generation_prompt: true });
      left -= text.length;
      if (left < 0) return;
      texts.push(text);
    }
  };
  try {
    // Of a function from outside of the context, too, the time is limited.
    runInNewContext("write()", { write }, { timeout: milliseconds });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? { ended: "time" } : { failed: String(message) };
  }
  return left < 0 ? { ended: "length" } : { texts };
}
