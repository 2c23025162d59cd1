import { describe, expect, it } from "vitest";
import type { Task } from "../../../src/decoders/tasks.js";
import { arithmeticParts, isHeldOut } from "../../../src/experiments/experts/arithmetic.js";
import { byteTasks } from "../../../src/experiments/experts/byte-tasks.js";
import { capitals } from "../../../src/experiments/experts/capitals.js";
import { languageNames } from "../../../src/experiments/experts/languages.js";
import { paperTasks } from "../../../src/experiments/experts/paper-tasks.js";
import { sentences } from "../../../src/experiments/experts/sentences.js";

const names = ["addition", "subtraction", "multiplication", ...languageNames, "capitals"];
const find = (tasks: readonly Task[], name: string) => tasks.find((task) => task.name === name)!;
const text = (value: unknown) => value as string;

it("sentences are fifteen in each of five languages, no two alike", () => {
  const all = languageNames.flatMap((language) => sentences[language]);
  expect(all).toHaveLength(75);
  expect(new Set(all).size).toBe(75);
});

describe("the paper's tasks", () => {
  const tasks = paperTasks({ seed: 3 });

  it("are nine, of as many questions as the paper asked", () => {
    expect(tasks.map(({ name }) => name)).toEqual(names);
    expect(tasks.map(({ questions }) => questions.length)).toEqual([30, 30, 30, 15, 15, 15, 15, 15, 20]);
    expect(tasks.map(({ newTokens }) => newTokens)).toEqual([9, 9, 9, 3, 3, 3, 3, 3, 3]);
    expect(tasks.every(({ chat }) => chat)).toBe(true);
  });

  it("have right answers, of numbers as long as the paper's", () => {
    for (const [name, digits] of [
      ["addition", 7],
      ["subtraction", 7],
      ["multiplication", 4],
    ] as const) {
      for (const { prompt, answer } of find(tasks, name).questions) {
        const [, a, sign, b] = /(\d+) ([-+*]) (\d+)\?/.exec(text(prompt))!;
        expect([a.length, b.length]).toEqual([digits, digits]);
        const right = { "+": Number(a) + Number(b), "-": Number(a) - Number(b), "*": Number(a) * Number(b) }[sign]!;
        expect(answer).toBe(String(right));
        expect(right).toBeGreaterThanOrEqual(0);
      }
    }
    for (const { prompt, answer } of find(tasks, "capitals").questions) {
      const [, country] = /capital of (.*)\? Answer/.exec(text(prompt))!;
      expect(answer).toBe(capitals[country]);
    }
    const asked = find(tasks, "German").questions.map(({ prompt }) => text(prompt));
    sentences.German.forEach((sentence, i) => {
      expect(asked[i]).toContain(sentence);
    });
  });

  it("follow from the seed", () => {
    expect(paperTasks({ seed: 3 })).toEqual(tasks);
    expect(paperTasks({ seed: 4 })).not.toEqual(tasks);
    expect(paperTasks()).toEqual(paperTasks({ seed: 1 }));
    expect(() => paperTasks({ seed: -1 })).toThrow(/invalid seed/);
  });
});

describe("the tasks of small decoders", () => {
  const tasks = byteTasks();

  it("are nine; sums and differences are held out, products are not; none twice", () => {
    expect(tasks.map(({ name }) => name)).toEqual(names);
    expect(tasks.map(({ questions }) => questions.length)).toEqual([30, 30, 30, 15, 15, 15, 15, 15, 30]);
    for (const [name, out] of [
      ["addition", true],
      ["subtraction", true],
      ["multiplication", false],
    ] as const) {
      const { questions } = find(tasks, name);
      expect(new Set(questions.map(({ prompt }) => prompt)).size).toBe(30);
      expect(questions.every(({ prompt }) => isHeldOut(text(prompt), arithmeticParts) === out)).toBe(true);
      expect(questions.every(({ answer }) => /^\d+\n$/.test(text(answer)))).toBe(true);
    }
    const first = find(tasks, "French").questions[0];
    expect(text(first.prompt) + text(first.answer)).toBe(sentences.French[0]);
  });

  it("are as many as asked for, and follow from the seed", () => {
    const few = byteTasks({ questions: 4, seed: 2 });
    expect(few.every(({ questions }) => questions.length === 4)).toBe(true);
    expect(byteTasks({ questions: 4, seed: 2 })).toEqual(few);
    expect(byteTasks({ questions: 1000 }).map(({ questions }) => questions.length)[8]).toBe(60);
    expect(() => byteTasks({ questions: 0 })).toThrow(/invalid questions/);
    expect(() => byteTasks({ tasks: 1 } as never)).toThrow(/invalid option of byteTasks/);
  });
});
