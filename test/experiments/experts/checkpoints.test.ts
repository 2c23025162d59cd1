import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allIntact } from "../../../src/coalitions/coalition.js";
import { expertsGame } from "../../../src/decoders/experts-game.js";
import { saveDecoder } from "../../../src/decoders/training/save-decoder.js";
import { trainDecoder } from "../../../src/decoders/training/train-decoder.js";
import { FileError } from "../../../src/errors.js";
import {
  arithmeticKinds,
  arithmeticParts,
  arithmeticQuestions,
  isHeldOut,
} from "../../../src/experiments/experts/arithmetic.js";
import { byteTasks } from "../../../src/experiments/experts/byte-tasks.js";
import { capitalQuestions } from "../../../src/experiments/experts/capitals.js";
import { decoderCheckpoint, decoderFolder, listDecoders } from "../../../src/experiments/experts/checkpoints.js";
import { examine } from "../../../src/experiments/experts/exam.js";
import type { LanguageText } from "../../../src/experiments/experts/help-texts.js";
import { type Language, languageNames } from "../../../src/experiments/experts/languages.js";
import { byteVocabulary, decoderLessons } from "../../../src/experiments/experts/lessons.js";
import { decoderRecipes } from "../../../src/experiments/experts/recipes.js";

const trained = Object.entries(listDecoders());

it("decoders that were trained are those of their recipes", () => {
  for (const [name, { folder, recipe, seed }] of trained) {
    const kind = name.split("-")[0] as keyof typeof decoderRecipes;
    expect(name).toBe(`${kind}-${seed}`);
    expect(folder).toBe(name);
    expect(recipe).toEqual(JSON.parse(JSON.stringify(decoderRecipes[kind])));
  }
});

it.each(trained)(
  "the decoder %s knows five languages, capitals, sums and differences as well as was wanted",
  (_, { exam }) => {
    for (const language of languageNames) expect(exam.bitsPerByte[language]).toBeLessThanOrEqual(1.9);
    for (const kind of ["addition", "subtraction"]) expect(exam.exact[kind]).toBeGreaterThanOrEqual(0.95);
    expect(exam.exact.capitals).toBe(1);
  },
);

// Those that are there: a training takes a quarter of an hour, and the folder may be empty.
describe.runIf(trained.length > 0).each(trained)("the decoder %s", (name, { exam, curves, recipe }) => {
  it("is the registered one, below 10 MB, as large as its kind is", async () => {
    const decoder = await decoderCheckpoint(name);
    expect(readFileSync(join(decoderFolder, name, "model.safetensors")).length).toBeLessThan(10e6);
    expect(decoder.config.experts?.count).toBe(name.startsWith("experts") ? 8 : undefined);
    expect(curves.at(-1)?.step).toBe(recipe.steps);
  });

  it("answers as metrics.json says", async () => {
    const decoder = await decoderCheckpoint(name);
    const tasks = [
      ...arithmeticKinds.map((kind) => ({
        name: kind,
        questions: arithmeticQuestions(kind).filter(({ prompt }) => isHeldOut(prompt, arithmeticParts)),
      })),
      { name: "capitals", questions: capitalQuestions() },
    ].map((task) => ({ ...task, questions: task.questions.map((q) => ({ ...q, answer: `${q.answer}\n` })) }));
    // In one pass without decoding, for which every decoder is a game: of the dense one the players are heads.
    const game = expertsGame(decoder, tasks, { units: "heads" });
    const values = await game.evaluate(allIntact(game.units.length));
    tasks.forEach((task, t) => {
      expect(values[t]).toBeCloseTo(exam.exact[task.name], 4);
    });
    const all = await expertsGame(decoder, byteTasks(), { units: "layers" }).evaluate(allIntact(4));
    for (const t of [0, 1, 2, 8]) expect(all[t]).toBeGreaterThan(0.8);
  });
});

describe("a decoder that learned from the script's lessons", () => {
  const folder = mkdtempSync(join(tmpdir(), "decoders-"));
  const text = (language: string): LanguageText => ({
    training: Array.from({ length: 60 }, (_, i) => `${language} text of ${i % 7} words`),
    heldOut: Array.from({ length: 9 }, (_, i) => `${language} text of ${i % 7} words`),
  });
  const texts = Object.fromEntries(languageNames.map((name) => [name, text(name)])) as Record<Language, LanguageText>;

  it("is saved, registered, loaded and examined; another file is refused", async () => {
    const { shape } = decoderRecipes.experts;
    const recipe = {
      ...decoderRecipes.experts,
      ...{ steps: 4, sequences: 4, length: 64, warmUp: 2 },
      shape: { ...shape, width: 32, layers: 1, hidden: 16 },
    };
    const { tensors, curves } = await trainDecoder(decoderLessons(texts), { seed: 1, recipe });
    const sha256 = saveDecoder(join(folder, "small"), recipe.shape, tensors, {
      positions: 64,
      begin: byteVocabulary.begin,
    });
    const metrics = { folder: "small", sha256, recipe, seed: 1, curves };
    writeFileSync(join(folder, "metrics.json"), JSON.stringify({ decoders: { small: metrics } }));
    const decoder = await decoderCheckpoint("small", folder);
    const exam = await examine(decoder, texts, { windows: 2 });
    expect(exam.bytes).toEqual(Object.fromEntries(languageNames.map((name) => [name, 128])));
    for (const name of languageNames) {
      expect(exam.bitsPerByte[name]).toBeGreaterThan(2);
      expect(exam.bitsPerByte[name]).toBeLessThan(9); // it has 260 tokens: a lot's are 8.02 bits
    }
    expect(exam.questions).toMatchObject({ addition: 1025, capitals: 60 });
    expect(Object.values(exam.exact).every((share) => share < 0.2)).toBe(true);

    await expect(decoderCheckpoint("large", folder)).rejects.toThrow(
      `invalid checkpoint; expected one of those in ${folder}: small; received "large"`,
    );
    const other = { ...metrics, sha256: "0" };
    writeFileSync(join(folder, "metrics.json"), JSON.stringify({ decoders: { small: other } }));
    await expect(decoderCheckpoint("small", folder)).rejects.toThrow(FileError);
    writeFileSync(join(folder, "metrics.json"), "{}");
    expect(() => listDecoders(folder)).toThrow(/is not a register of decoders/);
    const empty = join(folder, "empty");
    mkdirSync(empty);
    expect(existsSync(join(empty, "metrics.json"))).toBe(false);
    await expect(decoderCheckpoint("experts-1", empty)).rejects.toThrow(/: none; received/);
  });
});
