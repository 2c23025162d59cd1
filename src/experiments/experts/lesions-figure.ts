import { type BarsPanel, groupedBarsFigure } from "../../figures/grouped-bars.js";
import type { Figure } from "../../figures/kit/figure.js";
import { languageNames } from "./languages.js";
import { type LesionEffects, lesionedForLanguage } from "./lesion-effects.js";
import { overDecoders, sharesOverDecoders } from "./over-decoders.js";

const lesionTitles = {
  "other languages": "picked by the contribution to it less that to other languages",
  arithmetic: "picked as the paper does, by the contribution to it less that to arithmetic",
} as const;

/**
 * Scores before and after lesions of the experts that were picked for each language: bits per byte of the languages,
 * exact answers to the rest.
 */
export function lesionsFigure(effects: readonly LesionEffects[]): Figure {
  const [{ against, tasks, questions, lostHalf }] = effects;
  const lists = [
    { name: "intact", scores: effects.map(({ intact }) => intact), half: undefined },
    ...languageNames.map((language, l) => ({
      name: `without ${language}'s`,
      scores: effects.map(({ lesions }) => lesions[l].scores),
      half: lostHalf[l],
    })),
  ];
  const at = (places: readonly string[]) => places.map((place) => tasks.indexOf(place));
  const others = tasks.filter((task) => !(languageNames as readonly string[]).includes(task));
  const bits = lists.map(({ name, scores, half }) => {
    const own = overDecoders(
      name,
      scores.map((values) => at(languageNames).map((t) => -values[t] / Math.LN2)),
    );
    return effects.length === 1 && half ? { ...own, errors: half } : own;
  });
  const exact = lists.map(({ name, scores }) => sharesOverDecoders(name, scores, at(others), questions));
  const panels: BarsPanel[] = [
    { title: "Sentences (less is better)", places: languageNames, valueTitle: "Bits per byte", series: bits },
    { title: "Questions", places: others, valueTitle: "Exact answers", series: exact },
  ];
  const several = effects.length > 1;
  const ofSentences = several
    ? `one standard deviation over ${effects.length} decoders`
    : "intervals of 95 % of what is lost, over sentences";
  const ofAnswers = several
    ? `of the answers of ${effects.length} decoders, which count for fewer where decoders differ by more than chance`
    : "of the answers";
  return groupedBarsFigure(panels, {
    title: "Without the experts of a language",
    placeTitle: "Task",
    errorTitle: `of sentences ${ofSentences}; of questions Wilson intervals of 95 % of the share of exact answers, ${ofAnswers}`,
    note: `Lesion silence, without the ${lesionedForLanguage.count} experts of each language, ${lesionTitles[against]}, on one half of its sentences; tested on the other half, and on questions that had no part in the contributions.`,
  });
}
