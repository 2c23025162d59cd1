import { asRefusal, invalid, oneOf, positiveInteger, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import { knownOptions, type OptionNames } from "../options.js";
import { shortName } from "../words.js";
import type { Decoder } from "./decoder.js";
import { prepareChats } from "./file-tokenizer.js";
import { newName } from "./new-name.js";
import { isDecoded, type TaskScore, taskScores } from "./task-scores.js";
import { type ChatMessage, checkToken, tokenList } from "./tokenizer.js";

/**
 * A question: what a decoder is given, and what should follow. Texts are for decoders that have a tokenizer; token ids
 * for all.
 */
export interface Question {
  readonly prompt: string | readonly number[];
  readonly answer: string | readonly number[];
}

/** Questions whose scores are averaged. */
export interface Task {
  /** A name that no other task has. */
  readonly name: string;
  readonly questions: readonly Question[];
  /** How its answers are scored; default as the game says. */
  readonly score?: TaskScore;
  /** For scores that decode: most new tokens; default those of the longest answer. */
  readonly newTokens?: number;
  /**
   * Whether prompts are what a user says in a conversation, which the checkpoint's chat template writes; default false.
   */
  readonly chat?: boolean;
}

/** A question as tokens. */
export interface TokenQuestion {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  /** The answer as text, where it is one. */
  readonly text: string | undefined;
  /** Index of its task. */
  readonly task: number;
}

/** A task as it is played. */
export interface PlayedTask {
  readonly name: string;
  readonly score: TaskScore;
  /** For scores that decode. */
  readonly newTokens: number;
  readonly questions: readonly TokenQuestion[];
}

/** The names of `Task`. */
export const taskKeys: OptionNames<Task> = { name: true, questions: true, score: true, newTokens: true, chat: true };
/** The names of `Question`. */
export const questionKeys: OptionNames<Question> = { prompt: true, answer: true };

/**
 * Some tasks as they are played.
 *
 * @param score of tasks that say none
 * @throws TypeError, RangeError for no tasks, names that stand twice, a task without questions, an answer without
 *   tokens, tokens that are not in the vocabulary, a question that is longer than the decoder has positions, text for a
 *   decoder without a tokenizer
 */
export function playedTasks(decoder: Decoder, tasks: readonly Task[], score: TaskScore): PlayedTask[] {
  if (!Array.isArray(tasks)) throw wrongKind("tasks", "a list of tasks, each a name and questions", tasks);
  if (tasks.length === 0) throw invalid("tasks", "at least one task", tasks);
  const names = new Set<string>();
  // Not map, which passes holes over.
  return Array.from(tasks as readonly Task[], (task, t) => {
    if (typeof task !== "object" || task === null) throw wrongKind(`tasks[${t}]`, "a task: a name and questions", task);
    const whole = newName(`tasks[${t}].name`, task.name, names, "a name that no other task has");
    const name = shortName(whole);
    knownOptions(`task ${name}`, task, taskKeys);
    if (!Array.isArray(task.questions))
      throw wrongKind(`questions of task ${name}`, "a list of questions", task.questions);
    if (task.questions.length === 0)
      throw invalid(`questions of task ${name}`, "at least one question", task.questions);
    if (task.chat !== undefined && typeof task.chat !== "boolean") {
      throw wrongKind(`chat of task ${name}`, "true or false", task.chat);
    }
    const own = task.score === undefined ? score : oneOf(`score of task ${name}`, taskScores, task.score);
    if (task.chat) prepareChats(decoder.tokenizer, asked(task.questions));
    const questions = Array.from(task.questions as readonly Question[], (question, q) => ({
      ...tokensOf(decoder, question, task.chat ?? false, `question ${q} of task ${name}`),
      task: t,
    }));
    const newTokens = newTokensOf(name, task.newTokens, own, questions);
    questions.forEach(({ prompt, answer, text }, q) => {
      const what = `question ${q} of task ${name}`;
      const { positions } = decoder.config;
      if (isDecoded(own)) {
        if (text?.trim() === "") {
          throw invalid(`answer of ${what}`, `a text that is more than spaces: ${own} compares without them`, text);
        }
        if (prompt.length + newTokens > positions) {
          const rule = `at most ${positions} tokens, the ${newTokens} new ones included`;
          throw invalid(`length of ${what}`, rule, prompt.length + newTokens);
        }
        if (own === "decoded-likeness" && text === undefined) {
          throw invalid(`answer of ${what}`, "a text: likeness is one of texts", answer);
        }
        if (text === undefined) checkDecodable(what, answer, newTokens, decoder.config.ends);
      } else if (prompt.length + answer.length - 1 > positions) {
        const rule = `at most ${positions} tokens before the last`;
        throw invalid(`length of ${what}`, rule, prompt.length + answer.length - 1);
      }
    });
    return { name: whole, score: own, newTokens, questions };
  });
}

/** What users say in a conversation of their own each; a question that is none is refused in its turn. */
function asked(questions: readonly Question[]): ChatMessage[][] {
  return questions.flatMap(({ prompt }) =>
    typeof prompt === "string" && !/\p{Surrogate}/u.test(prompt) ? [[{ role: "user", content: prompt }]] : [],
  );
}

/** @throws RangeError for tokens that can not be decoded whatever the decoder does: they would always be wrong */
function checkDecodable(what: string, answer: readonly number[], newTokens: number, ends: readonly number[]): void {
  if (answer.length > newTokens)
    throw invalid(`answer of ${what}`, `at most ${newTokens} tokens, the task's newTokens`, answer.length);
  const end = answer.slice(0, -1).find((token) => ends.includes(token));
  if (end !== undefined) throw invalid(`answer of ${what}`, `nothing behind ${end}, which ends a text`, answer);
}

function newTokensOf(
  name: string,
  newTokens: number | undefined,
  score: TaskScore,
  questions: readonly { readonly answer: readonly number[] }[],
): number {
  if (newTokens === undefined) return Math.max(...questions.map(({ answer }) => answer.length));
  if (!isDecoded(score)) throw invalid(`newTokens of task ${name}`, `none for ${score}`, newTokens);
  return positiveInteger(`newTokens of task ${name}`, newTokens);
}

function tokensOf(
  decoder: Decoder,
  question: Question,
  chat: boolean,
  what: string,
): Pick<TokenQuestion, "prompt" | "answer" | "text"> {
  if (typeof question !== "object" || question === null || Array.isArray(question)) {
    throw wrongKind(what, "{ prompt, answer }", question);
  }
  knownOptions(what, question, questionKeys);
  const { prompt, answer } = question;
  const text = typeof prompt === "string" || chat;
  const cut = text ? textTokens(decoder, prompt, answer, chat, what) : listTokens(prompt, answer, what);
  for (const token of [...cut.prompt, ...cut.answer]) checkToken(decoder.config.vocabulary, `token of ${what}`, token);
  if (cut.prompt.length === 0) throw invalid(`prompt of ${what}`, "at least one token", prompt);
  if (cut.answer.length === 0) throw invalid(`answer of ${what}`, "at least one token", answer);
  return { ...cut, text: typeof answer === "string" ? answer : undefined };
}

function listTokens(prompt: unknown, answer: unknown, what: string): { prompt: number[]; answer: number[] } {
  if (typeof answer === "string")
    throw wrongKind(`answer of ${what}`, "a list of tokens, as the prompt is one", answer);
  return { prompt: [...tokenList(`prompt of ${what}`, prompt)], answer: [...tokenList(`answer of ${what}`, answer)] };
}

function textTokens(
  { tokenizer }: Decoder,
  prompt: unknown,
  answer: unknown,
  chat: boolean,
  what: string,
): { prompt: number[]; answer: number[] } {
  if (typeof prompt !== "string") throw wrongKind(`prompt of ${what}`, "a text, what a user says", prompt);
  if (typeof answer !== "string") throw wrongKind(`answer of ${what}`, "a text, as the prompt is one", answer);
  for (const [part, text] of Object.entries({ prompt, answer })) {
    if (/\p{Surrogate}/u.test(text))
      throw invalid(`${part} of ${what}`, "a text in whole characters: half of a pair stands alone", text);
  }
  if (!tokenizer) throw invalid(`prompt of ${what}`, "a list of tokens: the decoder has no tokenizer", prompt);
  try {
    return tokenizer.encodeAnswered(chat ? [{ role: "user", content: prompt }] : prompt, answer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw asRefusal(new RangeError(`invalid ${what}: ${error.message}`, { cause: error }));
  }
}

/** SHA-256 of tasks, for provenance. */
export function tasksSha256(tasks: readonly PlayedTask[]): string {
  const plain = tasks.map(({ name, score, newTokens, questions }) => [
    name,
    score,
    isDecoded(score) ? newTokens : null,
    questions.map(({ prompt, answer, text }) => [prompt, answer, isDecoded(score) ? (text ?? null) : null]),
  ]);
  return sha256(new TextEncoder().encode(JSON.stringify(plain)));
}

/** Tasks as JSON holds them, and nothing else that stood in them. */
export function plainTasks(tasks: readonly Task[]) {
  const plain = (some: string | readonly number[]) => (typeof some === "string" ? some : [...some]);
  return tasks.map(({ name, score, newTokens, chat, questions }) => ({
    name,
    ...(score !== undefined && { score }),
    ...(newTokens !== undefined && { newTokens }),
    ...(chat !== undefined && { chat }),
    questions: questions.map(({ prompt, answer }) => ({ prompt: plain(prompt), answer: plain(answer) })),
  }));
}
