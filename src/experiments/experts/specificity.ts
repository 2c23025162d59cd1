import { adjustedPValues } from "../../analysis/inference/adjusted.js";
import { permutationTest } from "../../analysis/inference/permutation-test.js";
import { studentTails } from "../../analysis/inference/student.js";
import { summarise } from "../../analysis/summary.js";
import { has, listOf } from "../../kinds.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { quantile } from "../../quantiles.js";
import { type ExpertContributions, sharesOf, toTask } from "./contributions.js";
import { type Language, languageNames } from "./languages.js";

/** How much more an expert's share in one language is than in the other languages, beside a null model. */
export interface SpecificityTest {
  readonly unit: string;
  readonly language: Language;
  /** The expert's share in what all experts contribute to the language, and the mean of its shares in the others. */
  readonly share: number;
  readonly otherShare: number;
  /** One-sided: how often the null model has as large a difference. */
  readonly p: number;
  /** `p` corrected for all experts and languages by Holm, and by Benjamini and Hochberg. */
  readonly holm: number;
  readonly benjaminiHochberg: number;
}

/**
 * Whether an expert's share in one language lies outside of what its shares in the other languages let expect: a t test
 * of one value against those of the others (of which the null model is that all are draws of one normal distribution,
 * its own for each expert). Where these lie closer together than those of half of the experts, the median spread
 * counts: counts of a few answers are alike by chance. What published contributions allow, of which no errors are
 * known.
 */
export function outlyingLanguages(contributions: ExpertContributions): SpecificityTest[] {
  has("contributions", contributions, "ExpertContributions", "name", "modes");
  const shares = languageNames.map((language) => sharesOf(toTask(contributions, language)));
  const rest = contributions.modes.units.map((_, u) =>
    languageNames.map((_, l) => summarise(shares.filter((_, other) => other !== l).map((own) => own[u]))),
  );
  const median = languageNames.map((_, l) => {
    const sds = Float64Array.from(rest, (own) => own[l].sd).sort();
    return quantile(sds, 0.5);
  });
  return corrected(
    contributions.modes.units.flatMap((unit, u) =>
      languageNames.map((language, l) => {
        const { count, mean, sd } = rest[u][l];
        const t = (shares[l][u] - mean) / (Math.max(sd, median[l]) * Math.sqrt(1 + 1 / count));
        const tails = studentTails(t, count - 1);
        return { unit, language, share: shares[l][u], otherShare: mean, p: t > 0 ? tails / 2 : 1 - tails / 2 };
      }),
    ),
  );
}

/**
 * Whether an expert's share in one language is larger than in the other languages, against shuffled labels: the
 * sentences, of which each has its own contributions, are given to the languages at random. A sentence's contributions
 * are shares in what all experts contribute to it, so that no sentence counts more.
 *
 * @param sentences contributions to single sentences, `[experts, sentences]` of each language
 */
export function labelledSentences(
  sentences: Readonly<Record<Language, ShapleyModes>>,
  { permutations, seed }: { readonly permutations: number; readonly seed: number },
): SpecificityTest[] {
  const { units } = sentences.English;
  const labels: number[] = [];
  const shares: Float64Array[] = [];
  languageNames.forEach((language, l) => {
    const modes = sentences[language];
    for (let s = 0; s < modes.outputs; s++) {
      labels.push(l);
      shares.push(sharesOf(modes.output(s).values));
    }
  });
  return corrected(
    units.flatMap((unit, u) =>
      languageNames.map((language, l) => {
        const means = (order: Uint32Array) => {
          const [own, rest] = [
            { sum: 0, count: 0 },
            { sum: 0, count: 0 },
          ];
          labels.forEach((label, place) => {
            const side = label === l ? own : rest;
            side.sum += shares[order[place]][u];
            side.count++;
          });
          return [own.sum / own.count, rest.sum / rest.count];
        };
        const difference = (order: Uint32Array) => {
          const [own, rest] = means(order);
          return own - rest;
        };
        const { p } = permutationTest(labels.length, difference, { permutations, seed, alternative: "larger" });
        const [share, otherShare] = means(Uint32Array.from(labels.keys()));
        return { unit, language, share, otherShare, p };
      }),
    ),
  );
}

function corrected(rows: readonly Omit<SpecificityTest, "holm" | "benjaminiHochberg">[]): SpecificityTest[] {
  const p = rows.map((row) => row.p);
  const holm = adjustedPValues(p, "holm");
  const benjaminiHochberg = adjustedPValues(p, "benjamini-hochberg");
  return rows.map((row, r) => ({ ...row, holm: holm[r], benjaminiHochberg: benjaminiHochberg[r] }));
}

/** The experts that are specific to just one language, after Holm's correction, by language. */
export function specificExperts(tests: readonly SpecificityTest[]): Readonly<Record<Language, readonly string[]>> {
  listOf("tests", tests, "SpecificityTest", "unit", "language", "holm");
  const found = tests.filter(({ holm }) => holm <= 0.05);
  const alone = (unit: string) => found.filter((row) => row.unit === unit).length === 1;
  return Object.fromEntries(
    languageNames.map((language) => [
      language,
      found.filter((row) => row.language === language && alone(row.unit)).map(({ unit }) => unit),
    ]),
  ) as unknown as Record<Language, readonly string[]>;
}
