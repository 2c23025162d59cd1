import { invalid, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import type { Decoder } from "./decoder.js";

/** A question: what a decoder is given, and what should follow. Texts are for decoders that have a tokenizer; token ids for all. */
export interface Question {
  readonly prompt: string | readonly number[];
  readonly answer: string | readonly number[];
}

/** Questions whose scores are averaged. */
export interface Task {
  /** A name that no other task has. */
  readonly name: string;
  readonly questions: readonly Question[];
}

/** A question as tokens. */
export interface TokenQuestion {
  /** Prompt and answer, less the last token of the answer: after each of the last positions a token of the answer should follow. */
  readonly tokens: readonly number[];
  readonly answer: readonly number[];
  /** Index of its task. */
  readonly task: number;
}

/**
 * The questions of some tasks, as tokens.
 *
 * @throws TypeError, RangeError for no tasks, names that stand twice, a task without questions, an answer without tokens, tokens that are not in the vocabulary,
 *   a question that is longer than the decoder has positions, text for a decoder without a tokenizer
 */
export function tokenQuestions(decoder: Decoder, tasks: readonly Task[]): TokenQuestion[] {
  if (!Array.isArray(tasks)) throw wrongKind("tasks", "a list of tasks, each a name and questions", tasks);
  if (tasks.length === 0) throw invalid("tasks", "at least one task", tasks);
  const names = new Set<string>();
  return (tasks as readonly Task[]).flatMap((task, t) => {
    const name = task?.name;
    if (typeof name !== "string") throw wrongKind(`tasks[${t}].name`, "a text", name);
    if (name === "" || names.has(name)) throw invalid(`tasks[${t}].name`, "a name that no other task has", name);
    names.add(name);
    if (!Array.isArray(task.questions))
      throw wrongKind(`questions of task ${name}`, "a list of questions", task.questions);
    if (task.questions.length === 0)
      throw invalid(`questions of task ${name}`, "at least one question", task.questions);
    return (task.questions as readonly Question[]).map((question, q) => ({
      ...tokensOf(decoder, question, `question ${q} of task ${name}`),
      task: t,
    }));
  });
}

function tokensOf(decoder: Decoder, question: Question, what: string): Omit<TokenQuestion, "task"> {
  const { prompt, answer } = question ?? {};
  const { vocabulary, positions } = decoder.config;
  const [before, all] =
    typeof prompt === "string" ? textTokens(decoder, prompt, answer, what) : listTokens(prompt, answer, what);
  for (const token of all) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw invalid(`token of ${what}`, `a token of the vocabulary, from 0 to ${vocabulary - 1}`, token);
    }
  }
  if (before === 0) throw invalid(`prompt of ${what}`, "at least one token", prompt);
  if (all.length === before) throw invalid(`answer of ${what}`, "at least one token", answer);
  if (all.length - 1 > positions)
    throw invalid(`length of ${what}`, `at most ${positions} tokens before the last`, all.length - 1);
  return { tokens: all.slice(0, -1), answer: all.slice(before) };
}

function listTokens(prompt: unknown, answer: unknown, what: string): [before: number, all: number[]] {
  if (!Array.isArray(prompt)) throw wrongKind(`prompt of ${what}`, "a text or a list of tokens", prompt);
  if (!Array.isArray(answer)) throw wrongKind(`answer of ${what}`, "a list of tokens, as the prompt is one", answer);
  return [prompt.length, [...prompt, ...answer]];
}

function textTokens(
  { tokenizer }: Decoder,
  prompt: string,
  answer: unknown,
  what: string,
): [before: number, all: number[]] {
  if (typeof answer !== "string") throw wrongKind(`answer of ${what}`, "a text, as the prompt is one", answer);
  if (!tokenizer) throw invalid(`prompt of ${what}`, "a list of tokens: the decoder has no tokenizer", prompt);
  return [tokenizer.encode(prompt).length, tokenizer.encode(prompt + answer)];
}

/** SHA-256 of questions, for provenance. */
export function questionsSha256(questions: readonly TokenQuestion[]): string {
  return sha256(
    new TextEncoder().encode(JSON.stringify(questions.map(({ tokens, answer, task }) => [task, tokens, answer]))),
  );
}

/** Tasks as JSON holds them, and nothing else that stood in them. */
export function plainTasks(tasks: readonly Task[]) {
  const plain = (some: string | readonly number[]) => (typeof some === "string" ? some : [...some]);
  return tasks.map(({ name, questions }) => ({
    name,
    questions: questions.map(({ prompt, answer }) => ({ prompt: plain(prompt), answer: plain(answer) })),
  }));
}
