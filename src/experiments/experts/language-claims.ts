import { type ExpertsClaim, level, type TestOptions } from "./claim.js";
import { type ExpertContributions, languageSpecificity, mostSpecific } from "./contributions.js";
import { type Language, languageNames } from "./languages.js";
import { ownLanguageTest } from "./lesion-effects.js";
import { publishedPicks } from "./published-experts.js";
import type { ExpertsExperiment } from "./run.js";
import { type SpecificityTest, specificExperts } from "./specificity.js";

/**
 * C6, published: whether the experts that the paper lesioned are those of largest contribution to the language less
 * that to arithmetic.
 */
export function pickClaims(own: ExpertContributions): ExpertsClaim[] {
  const taken: string[] = [];
  return (Object.entries(publishedPicks) as [Language, readonly string[]][]).map(([language, known]) => {
    const found = mostSpecific(own.modes.units, languageSpecificity(own, language, "arithmetic"), {
      count: known.length,
      fromLayer: 2,
      except: taken,
    });
    taken.push(...known);
    const same = known.filter((unit) => found.includes(unit));
    return {
      figure: "C6",
      claim: `The experts lesioned for ${language} are those of largest contribution to it less that to arithmetic, from layer 2 on${language === "German" ? "" : ", without German's"}`,
      source: own.name,
      measured: `${same.length} of ${known.length} (${found.join(", ")})`,
      quantity: null,
      p: null,
      holds: same.length === known.length,
    };
  });
}

/** C6: there are experts that are specific to one language, after correction. */
export function specificityClaim(source: string, tests: readonly SpecificityTest[], nullModel: string): ExpertsClaim {
  const found = specificExperts(tests);
  const named = languageNames.filter((language) => found[language].length > 0);
  const experts = new Set(tests.map(({ unit }) => unit)).size;
  const count = named.reduce((sum, language) => sum + found[language].length, 0);
  return {
    figure: "C6",
    claim: "There are experts of one language alone",
    source,
    measured: `against ${nullModel}, Holm: ${count} of ${experts} experts${named.length > 0 ? ` (${named.map((language) => `${language} ${found[language].join(" ")}`).join("; ")})` : ""}`,
    quantity: { name: `experts of one language, against ${nullModel}`, value: count },
    p: tests.reduce((least, { holm }) => (holm < least ? holm : least), 1),
    holds: count > 0,
  };
}

/**
 * C6: lesioning the most specific experts costs their own language more than the others, on sentences that did not pick
 * them.
 */
export function lesionClaims({ analyses }: ExpertsExperiment, tests: TestOptions): ExpertsClaim[] {
  const groups = [
    ...analyses.map(({ name, lesions }) => ({ source: name, all: [lesions] })),
    ...(analyses.length > 1
      ? [{ source: `all ${analyses.length} small decoders`, all: analyses.map(({ lesions }) => lesions) }]
      : []),
  ];
  return groups.flatMap(({ source, all }) =>
    [0, 1].map((which): ExpertsClaim => {
      const effects = all.map((lesions) => lesions[which]);
      const { own, others, difference, low, high, p } = ownLanguageTest(effects, tests);
      return {
        figure: "C6",
        claim: `Lesioning the experts picked by language less ${effects[0].against} costs that language more than the others`,
        source,
        measured: `${own.toFixed(3)} bits per byte against ${others.toFixed(3)}; difference ${low.toFixed(3)} to ${high.toFixed(3)} (95 %, over sentences)`,
        quantity: { name: "bits per byte, own language less others", value: difference },
        p,
        holds: p <= level && low > 0,
      };
    }),
  );
}
