import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { builtModule } from "../package.js";
import { thousands } from "../words.js";
import type { ChatMessage } from "./tokenizer.js";

/** What the process is given. */
export interface ChatJob {
  readonly template: string;
  readonly conversations: readonly (readonly ChatMessage[])[];
  /** Texts that the template knows by name. */
  readonly names: Readonly<Record<string, string>>;
  /** After which it is stopped. */
  readonly milliseconds: number;
  /** Most characters that it may write, of all conversations. */
  readonly characters: number;
}

/** What the process says: a text a conversation, the template's own error, or at which limit it was stopped. */
export type ChatOutcome =
  | { readonly texts: readonly string[] }
  | { readonly failed: string }
  | { readonly ended: "time" | "length" };

/** What a chat template may take: a usual one takes a millisecond, and writes as much as the messages have. */
const most = { seconds: 5, megabytes: 128, characters: 2 ** 22 } as const;
/** Milliseconds beyond, in which the process starts and ends. */
const around = 10_000;
/** Conversations that one process writes. */
const atOnce = 256;

/**
 * Conversations as a chat template writes them, one text each. Templates are programs from foreign files, in a language
 * that has loops: one is run in a process of its own, with a limit of time and of memory, and nothing of it is left.
 *
 * @throws Error that says what the template does: its own message where it refuses or fails, or which limit it does not
 *   keep to
 */
export function writtenChats(
  template: string,
  conversations: readonly (readonly ChatMessage[])[],
  names: Readonly<Record<string, string>>,
): string[] {
  const texts: string[] = [];
  for (let from = 0; from < conversations.length; from += atOnce) {
    const some = conversations.slice(from, from + atOnce);
    const given = some.flat().reduce((sum, { content }) => sum + content.length, 0);
    const limits = { milliseconds: 1000 * most.seconds, characters: most.characters + 2 * given };
    texts.push(...written({ template, conversations: some, names, ...limits }));
  }
  return texts;
}

function written(job: ChatJob): readonly string[] {
  const { error, status, signal, stdout } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${most.megabytes}`, fileURLToPath(builtModule("decoders/chat-process"))],
    {
      input: JSON.stringify(job),
      timeout: job.milliseconds + around,
      killSignal: "SIGKILL",
      maxBuffer: 6 * job.characters + 2 ** 16, // as JSON a character takes six bytes at most
      stdio: ["pipe", "pipe", "ignore"],
      cwd: tmpdir(),
      env: { ...process.env, NODE_OPTIONS: "" },
      encoding: "utf8",
      windowsHide: true,
    },
  );
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ETIMEDOUT") throw tooLong();
  // Out of memory, Node ends itself with an abort.
  if (!error && (signal === "SIGABRT" || status === 134)) {
    throw new Error(`takes more than ${most.megabytes} MB of memory`);
  }
  if (error || status !== 0) {
    const how = error?.message ?? (signal ? `it ended by ${signal}` : `it ended with status ${status}`);
    throw new Error(`could not be run in a process of its own (${how})`, { cause: error });
  }
  const outcome = JSON.parse(stdout) as ChatOutcome;
  if ("texts" in outcome) return outcome.texts;
  if ("failed" in outcome) throw new Error(`fails: ${outcome.failed}`);
  if (outcome.ended === "time") throw tooLong();
  throw new Error(`writes more than ${thousands(job.characters)} characters`);
}

function tooLong(): Error {
  return new Error(`does not come to an end within ${most.seconds} seconds`);
}
