import { describe, expect, it } from "vitest";
import {
  byLayer,
  domainShares,
  languageSpecificity,
  mostSpecific,
  outputsOf,
  overallShares,
  sharesOf,
  taskNames,
} from "../../../src/experiments/experts/contributions.js";
import { languageNames } from "../../../src/experiments/experts/languages.js";
import { type LesionEffects, ownLanguageTest } from "../../../src/experiments/experts/lesion-effects.js";
import { labelledSentences, outlyingLanguages, specificExperts } from "../../../src/experiments/experts/specificity.js";
import { ShapleyModes } from "../../../src/modes/shapley-modes.js";

const units = ["L0/E0", "L0/E1", "L1/E0", "L1/E1"];
const modesOf = (rows: readonly (readonly number[])[]) =>
  new ShapleyModes({ units, outputShape: [rows[0].length], values: Float64Array.from(rows.flat()) });
/** All tasks are one; German is a little more of L1/E0. */
const contributions = {
  name: "made up",
  tasks: taskNames,
  modes: modesOf([
    [1, 2, 3, 4, 4, 4, 4, 4, 6],
    [1, 1, 1, 2, 2, 2, 2, 2, 2],
    [1, 1, 1, 1, 3, 1, 1, 1, 0],
    [1, 0, -1, 1, 1, 1, 1, 1, 0],
  ]),
};

describe("shares of experts", () => {
  it("add up to 1 in each domain, and together", () => {
    expect([...domainShares(contributions, "arithmetic")]).toEqual([0.5, 0.25, 0.25, 0]);
    expect([...domainShares(contributions, "factual knowledge")]).toEqual([0.75, 0.25, 0, 0]);
    expect(overallShares(contributions).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect([...sharesOf(Float64Array.of(1, -1))]).toEqual([Number.NaN, Number.NaN]);
  });

  it("are summed and averaged by layer", () => {
    const values = Float64Array.of(1, 2, 3, 5);
    expect(byLayer(units, values, "sum").map(({ value }) => value)).toEqual([3, 8]);
    expect(byLayer(units, values, "mean")).toEqual([
      { layer: "L0", value: 1.5 },
      { layer: "L1", value: 4 },
    ]);
  });

  it("of some outputs are those of the modes", () => {
    expect([...outputsOf(contributions.modes, [8, 0]).values]).toEqual([6, 1, 2, 1, 0, 1, 0, 1]);
  });
});

describe("specificity", () => {
  it("is the contribution to a language less that to arithmetic, or to other languages", () => {
    expect([...languageSpecificity(contributions, "German", "arithmetic")]).toEqual([2, 1, 2, 1]);
    expect([...languageSpecificity(contributions, "German", "other languages")]).toEqual([0, 0, 2, 0]);
    const specificity = Float64Array.of(5, 1, 2, 3);
    expect(mostSpecific(units, specificity, { count: 2, fromLayer: 0 })).toEqual(["L0/E0", "L1/E1"]);
    expect(mostSpecific(units, specificity, { count: 2, fromLayer: 1 })).toEqual(["L1/E1", "L1/E0"]);
    expect(mostSpecific(units, specificity, { count: 1, fromLayer: 1, except: ["L1/E1"] })).toEqual(["L1/E0"]);
  });

  it("is seen where an expert's sentences differ between languages, and not where they do not", () => {
    // Twelve sentences a language; L1/E0 has twice its share in German, the others share the rest; a little that
    // varies.
    const sentences = Object.fromEntries(
      languageNames.map((language, l) => {
        const own = (u: number, s: number) => {
          const jitter = 0.01 * Math.sin(17 * u + 5 * s + 3 * l);
          return (u === 2 ? (language === "German" ? 0.4 : 0.2) : 0.2) + jitter;
        };
        return [language, modesOf(units.map((_, u) => Array.from({ length: 12 }, (_, s) => own(u, s))))];
      }),
    ) as never;
    const tests = labelledSentences(sentences, { permutations: 999, seed: 1 });
    expect(tests).toHaveLength(20);
    const german = tests.find(({ unit, language }) => unit === "L1/E0" && language === "German")!;
    expect(german.p).toBe(0.001);
    expect(german.share).toBeCloseTo(0.4, 1);
    expect(german.otherShare).toBeCloseTo(0.25, 1);
    expect(specificExperts(tests).German).toEqual(["L1/E0"]);
    // The others' shares in German are smaller: larger in each of four languages, if at all.
    expect(tests.filter(({ language, holm }) => language === "German" && holm <= 0.05)).toHaveLength(1);
  });

  it("of published contributions is a t test of one language against the others", () => {
    const tests = outlyingLanguages(contributions);
    expect(tests).toHaveLength(20);
    const row = (unit: string, language: string) =>
      tests.find((own) => own.unit === unit && own.language === language)!;
    expect(row("L1/E0", "German").share).toBeCloseTo(0.3, 12);
    expect(row("L1/E0", "German").otherShare).toBeCloseTo(0.125, 12);
    for (const { p } of tests) expect(p >= 0 && p <= 1).toBe(true);
  });
});

describe("lesions of a language's experts", () => {
  const effects = (own: number, others: number): LesionEffects => ({
    against: "other languages",
    tasks: taskNames,
    questions: taskNames.map(() => 3),
    intact: new Float64Array(9),
    none: new Float64Array(9),
    lesions: [],
    own: Float64Array.of(own, own + 0.25, own - 0.25),
    others: Float64Array.of(others, others, others),
    lost: languageNames.map((_, l) => Float64Array.from(languageNames, (_, other) => (other === l ? own : others))),
    lostHalf: [],
  });

  it("cost it more than the others where the diagonal is larger than every exchange of languages", () => {
    const found = ownLanguageTest([effects(0.75, 0.25), effects(0.5, 0.25)], { permutations: 1199, seed: 1 });
    expect(found).toMatchObject({ own: 0.625, others: 0.25, difference: 0.375, sentences: 3, decoders: 2 });
    // Of 120 ways one is as good.
    expect(found.p).toBeLessThan(0.02);
    // Student's t of 0.375, 0.625, 0.125: sd 0.25, two degrees of freedom.
    expect(found.high - found.low).toBeCloseTo((2 * 4.30265 * 0.25) / Math.sqrt(3), 4);
  });

  it("do not where all languages lose alike", () => {
    expect(ownLanguageTest([effects(0.25, 0.25)], { permutations: 99, seed: 1 }).p).toBe(1);
  });
});
