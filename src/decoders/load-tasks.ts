import { FileError, invalid, isOurs, oneOf, positiveInteger, wrongKind } from "../errors.js";
import { readUtf8 } from "../files.js";
import { parseJson } from "../json.js";
import { nearestNames } from "../nearest-names.js";
import { newName } from "./new-name.js";
import { contrastKeys, contrastWeights, type TaskContrast } from "./task-contrasts.js";
import { isDecoded, taskScores } from "./task-scores.js";
import { questionKeys, type Task, taskKeys } from "./tasks.js";
import { checkedText } from "./tokenizer.js";

/** What a file of tasks holds. */
export interface TaskFile {
  readonly tasks: readonly Task[];
  readonly contrasts: readonly TaskContrast[];
}

/** Bytes that a file of tasks may have. */
const mostBytes = 2 ** 28;

/**
 * Reads tasks from a JSON file: `{ "tasks": [...], "contrasts": [...] }`, or a list of tasks alone. A task is
 * `{ "name": "addition", "questions": [{ "prompt": "47+38=", "answer": "85" }] }`, and may have `score`, `newTokens`
 * and `chat`; prompts and answers are texts or lists of tokens. All of it is checked, but what only a decoder can say:
 * whether it has such tokens, and room for them.
 *
 * @throws FileError that names the file and the place, for anything else
 * @example
 * const { tasks, contrasts } = loadTasks("tasks.json");
 * const game = expertsGame(await loadDecoder("checkpoint"), tasks, { contrasts });
 */
export function loadTasks(path: string): TaskFile {
  if (typeof path !== "string") throw wrongKind("path", "the path of a file of tasks", path);
  const text = readUtf8(path, mostBytes);
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (cause) {
    throw new FileError(path, `is not JSON (${(cause as Error).message})`, { cause });
  }
  try {
    return checkedFile(content);
  } catch (cause) {
    if (!isOurs(cause)) throw cause;
    throw new FileError(path, cause.message, { cause });
  }
}

function checkedFile(content: unknown): TaskFile {
  const whole = Array.isArray(content) ? { tasks: content } : record(content, "file", { tasks: true, contrasts: true });
  const tasks = list(whole.tasks, "tasks", "task");
  const names = new Set<string>();
  tasks.forEach((task, t) => {
    checkTask(record(task, `tasks[${t}]`, taskKeys), `tasks[${t}]`, names);
  });
  const contrasts = whole.contrasts === undefined ? [] : list(whole.contrasts, "contrasts");
  contrasts.forEach((contrast, c) => {
    record(contrast, `contrasts[${c}]`, contrastKeys);
  });
  contrastWeights(contrasts as TaskContrast[], [...names]);
  return { tasks: tasks as Task[], contrasts: contrasts as TaskContrast[] };
}

/** @param names of the tasks before it, to which its own is added */
function checkTask(task: Readonly<Record<string, unknown>>, where: string, names: Set<string>): void {
  newName(`${where}.name`, task.name, names, "a name that no other task has");
  const { chat, score, newTokens } = task;
  if (chat !== undefined && typeof chat !== "boolean") throw wrongKind(`${where}.chat`, "true or false", chat);
  const own = score === undefined ? undefined : oneOf(`${where}.score`, taskScores, score);
  if (newTokens !== undefined) {
    positiveInteger(`${where}.newTokens`, newTokens);
    if (own && !isDecoded(own)) throw invalid(`${where}.newTokens`, `none for ${own}`, newTokens);
  }
  list(task.questions, `${where}.questions`, "question").forEach((question, q) => {
    checkQuestion(
      record(question, `${where}.questions[${q}]`, questionKeys),
      `${where}.questions[${q}]`,
      chat === true,
    );
  });
}

function checkQuestion({ prompt, answer }: Readonly<Record<string, unknown>>, where: string, chat: boolean): void {
  if (chat && typeof prompt !== "string") throw wrongKind(`${where}.prompt`, "a text, what a user says", prompt);
  for (const [part, value] of Object.entries({ prompt, answer })) {
    if (typeof value === "string") checkedText(`${where}.${part}`, value);
    else if (!Array.isArray(value) || !value.every((token) => Number.isInteger(token) && token >= 0)) {
      throw wrongKind(`${where}.${part}`, "a text or a list of tokens, whole numbers from 0 on", shown(value));
    }
    // Before a text some tokenizers put a token with which all begin: a prompt may be empty.
    if (value.length === 0 && !(part === "prompt" && typeof value === "string")) {
      throw invalid(`${where}.${part}`, "at least one token", value);
    }
  }
  if (typeof prompt !== typeof answer) {
    throw wrongKind(
      `${where}.answer`,
      `a ${typeof prompt === "string" ? "text" : "list of tokens"}, as the prompt is one`,
      answer,
    );
  }
}

/** Of a list the first entry that is no token. */
function shown(value: unknown): unknown {
  return Array.isArray(value) ? value.find((token) => !Number.isInteger(token) || token < 0) : value;
}

function list(value: unknown, where: string, entry?: string): unknown[] {
  if (!Array.isArray(value)) throw wrongKind(where, "a list", value);
  if (entry !== undefined && value.length === 0) throw invalid(where, `at least one ${entry}`, value);
  return value;
}

function record(value: unknown, where: string, keys: Readonly<Record<string, true>>): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongKind(where, "an object", value);
  const known = Object.keys(keys);
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearestNames(key.slice(0, 100), known).join(", ");
    throw invalid(`name in ${where}`, `one of ${known.join(", ")} (nearest: ${near})`, key);
  }
  return value as Record<string, unknown>;
}
