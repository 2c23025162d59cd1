import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { type Decoder, decoderParts } from "../../src/decoders/decoder.js";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { type ExpertsGameFile, expertsGameFromFolder } from "../../src/decoders/experts-game-from-folder.js";
import { logitsOf, through } from "../../src/decoders/forward.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { loadTasks } from "../../src/decoders/load-tasks.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { sharedPassages } from "../../src/decoders/shared-passage.js";
import { type TaskScore, textScore } from "../../src/decoders/task-scores.js";
import type { Task } from "../../src/decoders/tasks.js";
import { decoderLesions } from "../../src/decoders/units.js";
import type { GameSpec } from "../../src/games/spec.js";
import { atOnce } from "../../src/pace.js";
import { temporaryFolder } from "../helpers/folders.js";
import { fc } from "../helpers/properties.js";
import { type Config, configs, randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
let made = 0;
function decoderOf(config: Config): Decoder {
  const place = join(folder, String(made++));
  writeCheckpoint(place, config, randomTensors(config, 4));
  return openDecoder(place, plainProducts());
}
const bytes = decoderOf(tinyConfig("mixtral", { vocab_size: 260, bos_token_id: 256 }));

/** v of a coalition, all others lesioned. */
async function playedWith(decoder: Decoder, tasks: readonly Task[], lesioned: readonly string[] = [], options = {}) {
  const game = expertsGame(decoder, tasks, options);
  const intact = game.units.flatMap((unit, i) => (lesioned.includes(unit) ? [] : [i]));
  return [...(await game.evaluate(coalitionsOf(game.units.length, [intact])))];
}

describe("passages that share beginnings", () => {
  it("have the bits of sequences alone, for decoders of all kinds, and compute no beginning twice", () => {
    const sequence = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 12 });
    const sequences = fc.array(sequence, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(configs, sequences, fc.integer({ min: 1, max: 30 }), (config, all, most) => {
        const decoder = decoderOf(config);
        const parts = decoderParts(decoder);
        const none = decoderLesions(parts.config, decoder.units.experts.slice(0, 1));
        const alone = (tokens: readonly number[]) => {
          const [passage] = sharedPassages(parts.config, [tokens], 1);
          expect(passage.tokens).toEqual(tokens);
          return atOnce(through(parts, passage, parts.table(tokens.length), none));
        };
        const passages = sharedPassages(parts.config, all, most);
        expect(passages.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(all.map((_, s) => s));
        for (const passage of passages) {
          // As many tokens as there are different beginnings.
          const beginnings = passage.members.flatMap((s) => all[s].map((_, i) => all[s].slice(0, i + 1).join()));
          expect(passage.tokens).toHaveLength(new Set(beginnings).size);
          if (passage.members.length > 1) expect(passage.tokens.length).toBeLessThanOrEqual(most);
          const vectors = atOnce(through(parts, passage, parts.table(12), none));
          const { width } = parts.config;
          for (const s of passage.members) {
            const own = alone(all[s]);
            all[s].forEach((_, p) => {
              const row = passage.rowOf(s, p) * width;
              expect(vectors.subarray(row, row + width)).toEqual(own.subarray(p * width, (p + 1) * width));
            });
          }
        }
        expect(logitsOf(parts, alone([0]))).toHaveLength(parts.config.vocabulary);
      }),
      { numRuns: 40 },
    );
  });
});

describe("scores", () => {
  it("of texts are equality, and edits by the longer one's characters", () => {
    expect(textScore(" Paris.\nAnd more", "paris", "decoded-accuracy")).toBe(1);
    expect(textScore("Paris, France", "Paris", "decoded-accuracy")).toBe(0);
    expect(textScore("= 1,234 or so", "1234", "decoded-accuracy")).toBe(1);
    expect(textScore("none", "1234", "decoded-likeness")).toBe(0);
    // Of an answer that is nothing but punctuation the punctuation counts.
    expect(textScore("\n", "?", "decoded-accuracy")).toBe(0);
    expect(textScore(" -\n", "-", "decoded-accuracy")).toBe(1);
    expect(textScore("+", "-", "decoded-likeness")).toBe(0);
    expect(textScore("1235", "1234", "decoded-likeness")).toBe(0.75);
    // Composed and decomposed letters are the same, and an edit is one of a whole character.
    expect(textScore("Franc\u0327ais", "Fran\u00e7ais", "decoded-accuracy")).toBe(1);
    expect(textScore("fran\u00e7ais", "Franc\u0327ais", "decoded-likeness")).toBe(1);
    expect(textScore("a\u{1f600}", "a\u{1f601}", "decoded-likeness")).toBe(0.5);
    expect(textScore("\u{1f600}", "\u{1f601}", "decoded-likeness")).toBe(0);
    expect(textScore("it is 1234", "1,234", "decoded-accuracy")).toBe(1);
    expect(textScore("\u221285", "-85", "decoded-accuracy")).toBe(1);
    expect(textScore("-85", "\u221285", "decoded-accuracy")).toBe(1);
    expect(textScore("85.7", "85", "decoded-accuracy")).toBe(1);
    // Commas that part no groups of three stand between numbers.
    expect(textScore("85,91,4", "85", "decoded-accuracy")).toBe(1);
    expect(textScore("85,91,4", "85914", "decoded-accuracy")).toBe(0);
    expect(textScore("12,345,678.5", "12345678", "decoded-accuracy")).toBe(1);
    expect(textScore("1,2345", "12345", "decoded-accuracy")).toBe(0);
    expect(textScore("1,2", "1,2", "decoded-accuracy")).toBe(1);
    expect(textScore("-12", "12", "decoded-likeness")).toBeCloseTo(2 / 3, 12);
    expect(textScore("kitten", "sitting", "decoded-likeness")).toBeCloseTo(1 - 3 / 7, 12);
    expect(textScore("", "", "decoded-likeness")).toBe(1);
    expect(textScore("it is 2.5 or so", "-2.5", "decoded-accuracy")).toBe(0);
    expect(textScore("= -2.5.", "-2.5", "decoded-accuracy")).toBe(1);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const ratio = textScore(a, b, "decoded-likeness");
        return ratio >= 0 && ratio <= 1 && (textScore(a, b, "decoded-accuracy") === 1) === (ratio === 1);
      }),
    );
  });

  it("of answers that are punctuation are of punctuation: nothing is not like everything of which nothing is left", () => {
    for (const score of ["decoded-accuracy", "decoded-likeness"] as const) {
      expect(textScore("\n ?", "?", score)).toBe(1);
      for (const decoded of ["\n", " ", "", "-", "words"]) expect(textScore(decoded, "?", score)).toBe(0);
      expect(textScore("words", "...", score)).toBe(0);
    }
  });

  it("by decoding is accuracy as it stands, where as many tokens are decoded and no other tokens are the same text", async () => {
    const prompts = ["a", "bc", "d+e="];
    for (const lesioned of [[], ["L0/E1", "L1/E2"]]) {
      const tokens = prompts.map((prompt) => bytes.tokenizer!.encode(prompt));
      const answers = await bytes.generate(tokens, { newTokens: 3, lesioned, stop: [] });
      const questions = tokens.map((prompt, p) => ({ prompt, answer: p === 1 ? [1, 2, 3] : answers[p] }));
      for (const out of [lesioned, ["L1/E0"]]) {
        const task = (score: TaskScore): Task => ({ name: score, questions, score });
        const [given, decoded] = await playedWith(bytes, [task("accuracy"), task("decoded-accuracy")], out);
        expect(decoded).toBe(given);
        if (out === lesioned) expect(given).toBeCloseTo(2 / 3, 12);
      }
    }
  });

  it("by decoding is another where more is decoded than the answer: then the answer has to be all of it", async () => {
    const prompt = bytes.tokenizer!.encode("a");
    const [all] = await bytes.generate([prompt], { newTokens: 4, stop: [] });
    const task = (name: string, answer: number[], more: Partial<Task> = {}): Task => ({
      name,
      questions: [{ prompt, answer }],
      ...more,
    });
    const decoded = "decoded-accuracy";
    const values = await playedWith(bytes, [
      task("given", all.slice(0, 2)),
      task("as long", all.slice(0, 2), { score: decoded }),
      task("longer", all.slice(0, 2), { score: decoded, newTokens: 4 }),
      task("whole", all, { score: decoded }),
    ]);
    expect(values).toEqual([1, 1, 0, 1]);
    // What ends a text is no part of the answer.
    const ends = decoderOf(tinyConfig("mixtral", { vocab_size: 260, bos_token_id: 256, eos_token_id: all[2] }));
    const upTo = all.indexOf(all[2]);
    const ended = task("ended", all.slice(0, upTo), { score: decoded, newTokens: 4 });
    if (upTo > 0) expect(await playedWith(ends, [ended])).toEqual([1]);
    // Unless the answer has it.
    const whole = task("with its end", all.slice(0, upTo + 1), { score: decoded });
    const without = task("without", [...all.slice(0, upTo), (all[2] + 1) % 256], { score: decoded });
    expect(await playedWith(ends, [whole, without])).toEqual([1, 0]);
    const beyond = [task("beyond", [all[2], 1], { score: decoded })];
    expect(() => expertsGame(ends, beyond)).toThrow(`expected nothing behind ${all[2]}, which ends a text`);
  });

  it("may differ from task to task, are walked alike, and are made again from the folder", async () => {
    const question = { prompt: "1+1=", answer: "2" };
    const tasks: Task[] = [
      { name: "given", questions: [question, { prompt: "1+2=", answer: "3" }] },
      { name: "probable", questions: [question], score: "log-probability" },
      { name: "like", questions: [question], score: "decoded-likeness", newTokens: 3 },
      { name: "exact", questions: [question], score: "decoded-accuracy" },
    ];
    const contrasts = [{ name: "difference", plus: ["probable"], minus: ["given", "like"] }];
    const game = expertsGame(bytes, tasks, { contrasts, lesion: "renormalise" });
    expect(game.outputShape).toEqual([5]);
    const ordering = Uint32Array.from([5, 0, 7, 3, 2, 6, 1, 4]);
    const walked: number[][] = [];
    await game.walk!(ordering, (_, values) => walked.push([...values]));
    for (const [rank, values] of walked.entries()) {
      const intact = [...ordering.subarray(0, rank + 1)];
      expect(values).toEqual([...(await game.evaluate(coalitionsOf(8, [intact])))]);
      expect(values[4]).toBeCloseTo(values[1] - (values[0] + values[2]) / 2, 12);
      expect(values[1]).toBeGreaterThanOrEqual(-Math.log(260));
    }
    expect(game.provenance).toMatchObject({
      scores: ["accuracy", "log-probability", "decoded-likeness", "decoded-accuracy"],
      contrasts,
    });
    const [file] = (game.spec as GameSpec).arguments as unknown as [ExpertsGameFile];
    const again = await expertsGameFromFolder(JSON.parse(JSON.stringify(file)));
    expect(again.provenance).toEqual(game.provenance);
    expect([...(await again.evaluate(coalitionsOf(8, [[1, 2]])))]).toEqual([
      ...(await game.evaluate(coalitionsOf(8, [[1, 2]]))),
    ]);
  });
});

describe("what is refused", () => {
  const question = { prompt: "a", answer: "b" };
  const long = { prompt: "a".repeat(60), answer: "b" };
  it.each([
    [{ score: "f1" }, "invalid score of task t; expected one of accuracy, log-probability, decoded-accuracy"],
    [{ newTokens: 2 }, "invalid newTokens of task t; expected none for accuracy; received 2"],
    [{ score: "decoded-accuracy", newTokens: 0 }, "invalid newTokens of task t; expected a positive integer"],
    [{ chat: 1 }, "invalid chat of task t; expected true or false"],
    [{ chat: true }, "question 0 of task t: invalid checkpoint; expected one with a chat template"],
    [{ points: 1 }, "invalid option of task t"],
    [{ name: "a\u001b[2J" }, "invalid tasks[0].name; expected a name without control characters"],
    [{ name: "a\u2028b" }, "invalid tasks[0].name; expected a name without control characters"],
    [{ name: " " }, "invalid tasks[0].name; expected a name that no other task has"],
    [{ name: `${"n".repeat(500)}`, chat: 1 }, `invalid chat of task ${"n".repeat(59)}…; expected true or false`],
    [{ questions: [1] }, "invalid question 0 of task t; expected { prompt, answer }; received 1"],
    [{ questions: [{ prompt: "a", answer: "b", anwser: "c" }] }, "invalid option of question 0 of task t"],
    [
      { questions: [{ prompt: "\ud83d", answer: "b" }] },
      "invalid prompt of question 0 of task t; expected a text in whole characters",
    ],
    [
      { score: "decoded-likeness", questions: [{ prompt: [1], answer: [2] }] },
      "invalid answer of question 0 of task t; expected a text: likeness is one of texts",
    ],
    [
      { score: "decoded-accuracy", newTokens: 2, questions: [{ prompt: [1], answer: [2, 3, 4] }] },
      "invalid answer of question 0 of task t; expected at most 2 tokens, the task's newTokens; received 3",
    ],
    [
      { score: "decoded-accuracy", questions: [{ prompt: "a", answer: " \n" }] },
      "invalid answer of question 0 of task t; expected a text that is more than spaces: decoded-accuracy",
    ],
    [
      { score: "decoded-accuracy", newTokens: 9, questions: [long] },
      "invalid length of question 0 of task t; expected at most 64 tokens, the 9 new ones included; received 70",
    ],
  ])("of tasks: %j", (more, message) => {
    expect(() => expertsGame(bytes, [{ name: "t", questions: [question], ...more } as Task])).toThrow(message);
  });

  it.each([
    [{}, "invalid contrasts; expected a list"],
    [[{ name: "t", plus: ["t"], minus: ["u"] }], "invalid contrasts[0].name; expected a name that no task"],
    [[{ name: "c", plus: [], minus: ["u"] }], "invalid plus of contrast c; expected at least one task"],
    [
      [{ name: "c", plus: ["t"], minus: ["v"] }],
      'invalid minus of contrast c; expected tasks of the game: t, u; received "v"',
    ],
    [[{ name: "c", plus: ["t"], minus: ["t"] }], "invalid contrast c; expected each task once"],
    [[{ name: "c", plus: ["t"], minus: ["u"], weight: 1 }], "invalid option of contrast c"],
    [[{ name: "c\n", plus: ["t"], minus: ["u"] }], "invalid contrasts[0].name; expected a name without control"],
  ])("of contrasts: %j", (contrasts, message) => {
    const tasks = ["t", "u"].map((name) => ({ name, questions: [question] }));
    expect(() => expertsGame(bytes, tasks, { contrasts: contrasts as never })).toThrow(message);
  });

  it("names of tasks that a contrast does not know: of many tasks the nearest", () => {
    const tasks = ["German", "French", "Spanish", "Italian", "English", "addition"].map((name) => ({
      name,
      questions: [question],
    }));
    const contrasts = [{ name: "c", plus: ["Germna"], minus: ["addition"] }];
    expect(() => expertsGame(bytes, tasks, { contrasts })).toThrow(
      "invalid plus of contrast c; expected one of the 6 tasks, such as the nearest: German, ",
    );
  });

  it("null for the default", () => {
    const tasks = [{ name: "t", questions: [question] }];
    for (const name of ["units", "lesion", "score", "contrasts"]) {
      expect(() => expertsGame(bytes, tasks, { [name]: null })).toThrow(`invalid ${name}; expected`);
    }
  });

  it("no holes in lists, which would be passed over", () => {
    const holes = (first: unknown) => {
      const list = [first, first];
      delete list[0];
      return list as never;
    };
    const task = { name: "t", questions: [question] };
    expect(() => expertsGame(bytes, holes(task))).toThrow("invalid tasks[0]; expected a task");
    expect(() => expertsGame(bytes, [{ name: "t", questions: holes(question) }])).toThrow(
      "invalid question 0 of task t",
    );
    const contrasts = holes({ name: "c", plus: ["t"], minus: ["t"] });
    expect(() => expertsGame(bytes, [task], { contrasts })).toThrow(
      "invalid contrasts[0]; expected { name, plus, minus }",
    );
  });

  it("integers of 64 bits, with what to do", () => {
    const game = (prompt: unknown) =>
      expertsGame(bytes, [{ name: "t", questions: [{ prompt: prompt as number[], answer: [1] }] }]);
    expect(() => game(BigInt64Array.of(1n))).toThrow(
      "invalid prompt of question 0 of task t; expected a list of tokens, or one of Uint8Array, Uint16Array, Uint32Array, Int32Array: Array.from(tokens, Number)",
    );
    expect(() => game([1n])).toThrow(
      "invalid token of question 0 of task t; expected a token of the vocabulary, from 0 to 259; received 1",
    );
  });

  it("no typed arrays that hold tokens as numbers", async () => {
    const plain = [
      { name: "t", questions: [{ prompt: [256, 49], answer: [50, 51] }], score: "log-probability" as const },
    ];
    const typed = [{ ...plain[0], questions: [{ prompt: Uint16Array.of(256, 49), answer: Int32Array.of(50, 51) }] }];
    expect(await playedWith(bytes, typed as never)).toEqual(await playedWith(bytes, plain));
    const { spec } = expertsGame(bytes, typed as never);
    expect(JSON.parse(JSON.stringify(spec))).toEqual(JSON.parse(JSON.stringify(expertsGame(bytes, plain).spec)));
  });

  it("a floor where no task has log-probabilities", () => {
    const tasks = [{ name: "t", questions: [question], score: "decoded-accuracy" as const }];
    expect(() => expertsGame(bytes, tasks, { score: "log-probability", floor: -1 })).toThrow(
      "invalid floor; expected none for decoded-accuracy",
    );
  });
});

describe("a file of tasks", () => {
  const path = join(folder, "tasks.json");
  const read = (content: unknown) => {
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return loadTasks(path);
  };
  const tasks = [{ name: "t", questions: [{ prompt: "1+1=", answer: "2" }], score: "log-probability" }];

  it("holds tasks, and perhaps contrasts, that a game is made of", async () => {
    expect(read(tasks)).toEqual({ tasks, contrasts: [] });
    const two = [...tasks, { name: "u", questions: [{ prompt: [256, 49], answer: [50] }] }];
    const contrasts = [{ name: "c", plus: ["t"], minus: ["u"] }];
    const file = read({ tasks: two, contrasts });
    const [t, u, c] = await playedWith(bytes, file.tasks, [], { contrasts: file.contrasts });
    expect(c).toBe(t - u);
  });

  it.each([
    ["[", "is not JSON"],
    ['[{ "name": "t", "name": "u", "questions": [] }]', 'is not JSON (the name "name" stands twice in one object)'],
    [3, "invalid file; expected an object; received 3"],
    [{ task: [] }, "invalid name in file; expected one of tasks, contrasts (nearest: tasks"],
    [{ contrasts: [] }, "invalid tasks; expected a list; received undefined"],
    [[1], "invalid tasks[0]; expected an object; received 1"],
    [[{ name: "t" }], "invalid tasks[0].questions; expected a list; received undefined"],
    [[{ name: "t", questions: [{ prompt: "a" }] }], "invalid tasks[0].questions[0].answer; expected a text or a list"],
    [
      [{ name: "t", questions: [{ prompt: [1.5], answer: "b" }] }],
      "invalid tasks[0].questions[0].prompt; expected a text or a list",
    ],
    [
      [{ name: "t", question: [] }],
      "invalid name in tasks[0]; expected one of name, questions, score, newTokens, chat",
    ],
    [{ tasks, contrasts: [{ more: 1 }] }, "invalid name in contrasts[0]"],
    [[], "invalid tasks; expected at least one task"],
    [[{ name: "t", questions: [] }], "invalid tasks[0].questions; expected at least one question"],
    [[{ ...tasks[0], name: 3 }], "invalid tasks[0].name; expected a text; received 3"],
    [[{ ...tasks[0], name: "" }], "invalid tasks[0].name; expected a name that no other task has"],
    [[tasks[0], tasks[0]], 'invalid tasks[1].name; expected a name that no other task has; received "t"'],
    [[{ ...tasks[0], name: "a\nb" }], "invalid tasks[0].name; expected a name without control characters"],
    [[{ ...tasks[0], chat: "yes" }], "invalid tasks[0].chat; expected true or false"],
    [[{ ...tasks[0], score: "f1" }], "invalid tasks[0].score; expected one of accuracy, log-probability"],
    [[{ ...tasks[0], newTokens: 3 }], "invalid tasks[0].newTokens; expected none for log-probability; received 3"],
    [
      [{ name: "t", questions: tasks[0].questions, newTokens: 0.5 }],
      "invalid tasks[0].newTokens; expected a positive integer",
    ],
    [
      [{ name: "t", questions: tasks[0].questions, newTokens: "3" }],
      "invalid tasks[0].newTokens; expected a positive integer",
    ],
    [
      [{ name: "t", questions: [{ prompt: "a", answer: "" }] }],
      "invalid tasks[0].questions[0].answer; expected at least one token",
    ],
    [
      [{ name: "t", questions: [{ prompt: [], answer: [1] }] }],
      "invalid tasks[0].questions[0].prompt; expected at least one token",
    ],
    [
      [{ name: "t", questions: [{ prompt: "a", answer: [1] }] }],
      "invalid tasks[0].questions[0].answer; expected a text, as the prompt is one",
    ],
    [
      [{ name: "t", questions: [{ prompt: [1], answer: [-1] }] }],
      "invalid tasks[0].questions[0].answer; expected a text or a list of tokens, whole numbers from 0 on; received -1",
    ],
    [
      [{ name: "t", chat: true, questions: [{ prompt: [1], answer: [1] }] }],
      "invalid tasks[0].questions[0].prompt; expected a text, what a user says",
    ],
    [
      '[{"name":"t","questions":[{"prompt":"\\ud83d","answer":"b"}]}]',
      "invalid tasks[0].questions[0].prompt; expected a text in whole characters",
    ],
    [
      { tasks, contrasts: [{ name: "t", plus: ["t"], minus: ["t"] }] },
      "invalid contrasts[0].name; expected a name that no task",
    ],
    [
      { tasks, contrasts: [{ name: "c", plus: ["t"], minus: ["T"] }] },
      'invalid minus of contrast c; expected tasks of the game: t; received "T"',
    ],
    [
      { tasks, contrasts: [{ name: "c", plus: [], minus: ["t"] }] },
      "invalid plus of contrast c; expected at least one task",
    ],
  ])("is refused where it holds something else: %j", (content, problem) => {
    expect(() => read(content)).toThrow(`${path}: ${problem}`);
  });

  it("is UTF-8, with or without a byte-order mark; other bytes are an error, and not other questions", () => {
    const text = JSON.stringify([{ name: "t", questions: [{ prompt: "Straße ", answer: "b" }] }]);
    writeFileSync(path, `\uFEFF${text}`);
    expect(loadTasks(path).tasks[0].questions[0].prompt).toBe("Straße ");
    writeFileSync(path, Buffer.from(text, "latin1"));
    expect(() => loadTasks(path)).toThrow(`${path}: is not UTF-8: byte ${text.indexOf("ß")} is 0xdf`);
  });
});
