import { describe, FileError } from "../errors.js";
import { readUtf8 } from "../files.js";
import { nearestNames } from "../nearest-names.js";
import { contrastKeys, type TaskContrast } from "./task-contrasts.js";
import { questionKeys, type Task, taskKeys } from "./tasks.js";

/** What a file of tasks holds. */
export interface TaskFile {
  readonly tasks: readonly Task[];
  readonly contrasts: readonly TaskContrast[];
}

/** Bytes that a file of tasks may have. */
const mostBytes = 2 ** 28;

/**
 * Reads tasks from a JSON file: `{ "tasks": [...], "contrasts": [...] }`, or a list of tasks alone. A task is
 * `{ "name": "addition", "questions": [{ "prompt": "47+38=", "answer": "85" }] }`, and may have `score`, `newTokens` and `chat`; prompts and answers are texts or lists of
 * tokens.
 *
 * @throws FileError that names the file and the place, for anything else; whether a decoder can be asked so is seen by `expertsGame`
 * @example
 * const { tasks, contrasts } = loadTasks("tasks.json");
 * const game = expertsGame(await loadDecoder("checkpoint"), tasks, { contrasts });
 */
export function loadTasks(path: string): TaskFile {
  const fail = (problem: string, options?: ErrorOptions): never => {
    throw new FileError(path, problem, options);
  };
  const list = (value: unknown, where: string): unknown[] =>
    Array.isArray(value) ? value : fail(`invalid ${where}; expected a list; received ${describe(value)}`);
  const record = (value: unknown, where: string, keys: Readonly<Record<string, true>>): Record<string, unknown> => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return fail(`invalid ${where}; expected an object; received ${describe(value)}`);
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(keys, key)) {
        const near = nearestNames(key, Object.keys(keys)).join(", ");
        fail(
          `invalid name in ${where}; expected one of ${Object.keys(keys).join(", ")} (nearest: ${near}); received ${describe(key)}`,
        );
      }
    }
    return value as Record<string, unknown>;
  };

  let content: unknown;
  try {
    content = JSON.parse(readUtf8(path, mostBytes));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    fail(`is not JSON (${(cause as Error).message})`, { cause });
  }
  const whole = Array.isArray(content) ? { tasks: content } : record(content, "file", { tasks: true, contrasts: true });
  const tasks = list(whole.tasks, "tasks");
  tasks.forEach((task, t) => {
    const { questions } = record(task, `tasks[${t}]`, taskKeys);
    list(questions, `tasks[${t}].questions`).forEach((question, q) => {
      const where = `tasks[${t}].questions[${q}]`;
      const own = record(question, where, questionKeys);
      for (const part of ["prompt", "answer"]) {
        const value = own[part];
        if (typeof value === "string" || (Array.isArray(value) && value.every(Number.isInteger))) continue;
        fail(`invalid ${where}.${part}; expected a text or a list of tokens; received ${describe(value)}`);
      }
    });
  });
  const contrasts = whole.contrasts === undefined ? [] : list(whole.contrasts, "contrasts");
  contrasts.forEach((contrast, c) => {
    record(contrast, `contrasts[${c}]`, contrastKeys);
  });
  return { tasks: tasks as Task[], contrasts: contrasts as TaskContrast[] };
}
