import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { randomStreams } from "../../../src/coalitions/random-streams.js";
import {
  arithmeticKinds,
  arithmeticParts,
  arithmeticQuestions,
  isHeldOut,
} from "../../../src/experiments/experts/arithmetic.js";
import { capitalQuestions, capitals } from "../../../src/experiments/experts/capitals.js";
import { helpTexts } from "../../../src/experiments/experts/help-texts.js";
import { type Language, languageNames, languages } from "../../../src/experiments/experts/languages.js";
import { byteVocabulary, decoderLessons } from "../../../src/experiments/experts/lessons.js";

const texts = Object.fromEntries(
  languageNames.map((language, l) => [
    language,
    { training: [`${String.fromCharCode(0xe0 + l)} ${language} `.repeat(40)], heldOut: ["held out"] },
  ]),
) as unknown as Record<Language, { training: string[]; heldOut: string[] }>;

describe("arithmetic", () => {
  it("has every question once, and each answer is right", () => {
    expect(arithmeticKinds.map((kind) => arithmeticQuestions(kind).length)).toEqual([10_000, 5050, 1000]);
    const all = arithmeticKinds.flatMap(arithmeticQuestions);
    expect(new Set(all.map(({ prompt }) => prompt)).size).toBe(all.length);
    for (const { prompt, answer } of all) {
      const [, a, sign, b] = /^(\d+)([-+*])(\d+)=$/.exec(prompt)!;
      const right = { "+": Number(a) + Number(b), "-": Number(a) - Number(b), "*": Number(a) * Number(b) }[sign];
      expect(answer).toBe(String(right));
    }
  });

  it("holds out about a tenth of each kind", () => {
    for (const kind of arithmeticKinds) {
      const all = arithmeticQuestions(kind);
      const share = all.filter(({ prompt }) => isHeldOut(prompt, arithmeticParts)).length / all.length;
      // Four standard deviations of a share of so many lots.
      expect(Math.abs(share - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / all.length));
    }
  });
});

it("capitals are sixty, in letters of ASCII, none twice", () => {
  expect(capitalQuestions()).toHaveLength(60);
  expect(new Set(Object.values(capitals)).size).toBe(60);
  for (const { prompt, answer } of capitalQuestions()) expect(prompt + answer).toMatch(/^[ -~]+$/);
});

describe("lessons", () => {
  const [sequences, length] = [400, 64];
  const streams = randomStreams(4);
  const { tokens, targets, weights, kinds } = decoderLessons(texts).batch(sequences, length, streams(1));
  const textOf = (s: number) =>
    new TextDecoder().decode(Uint8Array.from(targets.subarray(s * length, (s + 1) * length)));
  const linesOf = (kind: string) => kinds.flatMap((own, s) => (own === kind ? textOf(s).split("\n").slice(0, -1) : []));

  it("begin with their token, and every token is the target before it", () => {
    for (let s = 0; s < sequences; s++) {
      expect(tokens[s * length]).toBe(byteVocabulary.begin);
      expect(tokens.slice(s * length + 1, (s + 1) * length)).toEqual(targets.slice(s * length, (s + 1) * length - 1));
    }
  });

  it("are of every kind, in about their shares", () => {
    const share = (kind: string) => kinds.filter((own) => own === kind).length / sequences;
    const wanted = { addition: 0.15, subtraction: 0.13, multiplication: 0.12, capitals: 0.05 };
    for (const [kind, own] of Object.entries(wanted)) {
      expect(Math.abs(share(kind) - own)).toBeLessThan(4 * Math.sqrt((own * (1 - own)) / sequences));
    }
    for (const language of languageNames) {
      expect(Math.abs(share(language) - 0.11)).toBeLessThan(4 * Math.sqrt((0.11 * 0.89) / sequences));
    }
  });

  it("of arithmetic are right, none of them held out, and their answers alone count", () => {
    for (const kind of arithmeticKinds) {
      const all = new Map(arithmeticQuestions(kind).map(({ prompt, answer }) => [prompt + answer, prompt]));
      for (const line of linesOf(kind)) {
        expect(all.has(line)).toBe(true);
        expect(isHeldOut(all.get(line)!, arithmeticParts)).toBe(false);
      }
    }
    kinds.forEach((kind, s) => {
      const own = weights.subarray(s * length, (s + 1) * length);
      if (!arithmeticKinds.includes(kind as never)) {
        expect(own.every((weight) => weight === 1)).toBe(true);
        return;
      }
      const counted = [...targets.subarray(s * length, (s + 1) * length)].filter((_, i) => own[i] === 2);
      const answers = textOf(s)
        .replace(/(?<=\n)[^=\n]*$/, "")
        .replace(/[^=\n]*=/g, "");
      expect(new TextDecoder().decode(Uint8Array.from(counted))).toBe(answers);
    });
  });

  it("of a language begin with a whole character", () => {
    kinds.forEach((kind, s) => {
      if (languageNames.includes(kind as never)) expect(textOf(s)[0]).not.toBe("\ufffd");
    });
  });

  it("are the same for the same stream, and say what they are made of", () => {
    const again = decoderLessons(texts);
    expect(again.batch(sequences, length, streams(1)).tokens).toEqual(tokens);
    expect(again.batch(sequences, length, streams(2)).tokens).not.toEqual(tokens);
    const other = decoderLessons({ ...texts, German: texts.French });
    expect(other.sha256).not.toBe(again.sha256);
  });
});

it("texts of the help are its paragraphs, each once, without what is not translated or hidden", async () => {
  const folder = mkdtempSync(join(tmpdir(), "help-"));
  const page = (...paragraphs: string[]) =>
    `<html><body><p>${"Menu of the page, which is none of its own ".repeat(3)}</p><div id="DisplayArea">${paragraphs
      .map((text) => `<div><p>${text}</p></div>`)
      .join("")}</div></body></html>`;
  const long = (name: string, i: number) => `A paragraph of ${name} with number ${i} that is long enough`;
  for (const name of languageNames) {
    const own = join(folder, "usr/share/libreoffice/help", languages[name].folder, "text/part");
    mkdirSync(own, { recursive: true });
    const left = "This one was never translated, as happens here and there";
    const many = Array.from({ length: 300 }, (_, i) => long(name, i));
    writeFileSync(join(own, "a.html"), page(left, "too short", ...many));
    writeFileSync(
      join(own, "b.html"),
      page(
        `${long(name, 0)}`,
        `With <b>bold</b>  &amp;\n<span hidden="true">no</span> spaces, which are made one ${name}`,
      ),
    );
  }
  const found = await helpTexts(folder);
  for (const name of languageNames) {
    const { training, heldOut } = found[name];
    const all = [...training, ...heldOut];
    expect(all).toHaveLength(301);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(`With bold & spaces, which are made one ${name}`);
    expect(all).toContain(long(name, 7));
    expect(heldOut.length).toBeGreaterThan(0);
    expect(heldOut.length).toBeLessThan(40);
  }
});
