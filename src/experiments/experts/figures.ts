import { outputCorrelation } from "../../analysis/correlation.js";
import { unitsByLayer } from "../../analysis/layers.js";
import { summarise } from "../../analysis/summary.js";
import { type BarsPanel, groupedBarsFigure } from "../../figures/grouped-bars.js";
import type { Figure } from "../../figures/kit/figure.js";
import { modesHeatmapFigure } from "../../figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../figures/output-correlation.js";
import { type RemovalSeries, removalsFigure } from "../../figures/removals.js";
import { has } from "../../kinds.js";
import { quantile } from "../../quantiles.js";
import {
  byLayer,
  domainShares,
  type ExpertContributions,
  languageSpecificity,
  mostSpecific,
  sharesOf,
  type TaskDomain,
  taskDomains,
  toTask,
} from "./contributions.js";
import { languageNames } from "./languages.js";
import { lesionedForLanguage } from "./lesion-effects.js";
import { lesionsFigure } from "./lesions-figure.js";
import { overDecoders } from "./over-decoders.js";
import { type PublishedExperts, publishedPicks, type RemovalRuns } from "./published-experts.js";
import type { Removals } from "./removals.js";
import type { ExpertsExperiment } from "./run.js";

/**
 * The paper's figures of experts, by the names that docs/reproduce.md gives them; C6 in three: what the experts
 * contribute that were picked for a language, and scores without them, as picked against other languages and against
 * arithmetic.
 */
export type ExpertsFigures = Readonly<
  Record<"C1" | "C2" | "C3" | "C4" | "C5" | "C6" | "C6lesions" | "C6arithmetic", Figure>
>;

const domains = Object.keys(taskDomains) as TaskDomain[];

/** One panel's contributions: of one decoder, or of several that differ by their seeds. */
interface Source {
  readonly title: string;
  readonly all: readonly ExpertContributions[];
}

/** Draws figures C1 to C6 of an experiment: the published Mixtral-8x7B, where it is there, above the small decoders. */
export function expertsFigures(experiment: ExpertsExperiment): ExpertsFigures {
  has("experiment", experiment, "an ExpertsExperiment", "settings", "seed");
  const { analyses, published } = experiment;
  const small = analyses.map(({ contributions }) => contributions);
  const seeds = small.length === 1 ? small[0].name : `${small.length} small decoders`;
  const sources: readonly Source[] = [
    ...(published ? [{ title: published.contributions.name, all: [published.contributions] }] : []),
    { title: seeds, all: small },
  ];
  const over = small.length > 1 && {
    errorTitle: `one standard deviation over ${small.length} decoders that were trained with other seeds`,
  };
  const share = "What all experts contribute to a task is 1";
  return {
    C1: groupedBarsFigure(
      sources.map((source) => layersPanel(source, source.all[0].tasks, (own, task) => sharesOf(toTask(own, task)))),
      {
        title: "Contribution by layer and task",
        valueTitle: "Mean of experts",
        note: `${share}; bars are means over the experts of a layer.`,
        ...over,
      },
    ),
    C2: groupedBarsFigure(
      sources.map((source) => layersPanel(source, domains, (own, domain) => domainShares(own, domain as TaskDomain))),
      {
        title: "Contribution by layer and domain",
        valueTitle: "Mean of experts",
        note: "What all experts contribute to a domain is 1; bars are means over the experts of a layer.",
        ...over,
      },
    ),
    C3: groupedBarsFigure(
      [...(published ? [published.contributions] : []), ...small].map((own) => layerPanel(own, "L1")),
      {
        title: "The experts of layer 1",
        valueTitle: "Contribution",
        placeTitle: "Expert of layer 1",
        note: "What all experts of all layers contribute to a domain is 1.",
      },
    ),
    C4: outputCorrelationFigure(
      sources.map(({ title, all }) => ({
        title,
        correlation: meanMatrix(all.map(({ modes }) => outputCorrelation(modes))),
        labels: all[0].tasks,
      })),
      {
        title: "Which tasks share their experts",
        outputTitle: "Task",
        ...(small.length > 1 && { note: "Of the small decoders the mean of their correlations." }),
      },
    ),
    C5: removedFigure(experiment),
    C6: specificFigure(experiment),
    C6lesions: lesionsFigure(analyses.map(({ lesions }) => lesions[0])),
    C6arithmetic: lesionsFigure(analyses.map(({ lesions }) => lesions[1])),
  };
}

/** Means over the experts of each layer, one series for each task or domain; error bars are over decoders. */
function layersPanel(
  { title, all }: Source,
  names: readonly string[],
  values: (own: ExpertContributions, name: string) => Float64Array,
): BarsPanel {
  const { units } = all[0].modes;
  return {
    title,
    places: [...unitsByLayer(units).keys()].map((layer) => layer.slice(1)),
    series: names.map((name) => {
      const each = all.map((own) => byLayer(units, values(own, name), "mean").map(({ value }) => value));
      return overDecoders(name, each);
    }),
  };
}

function layerPanel(own: ExpertContributions, layer: string): BarsPanel {
  const { units } = own.modes;
  const members = unitsByLayer(units).get(layer) ?? [];
  return {
    title: own.name,
    places: members.map((u) => units[u].split("/E")[1]),
    series: domains.map((domain) => {
      const shares = domainShares(own, domain);
      return { name: domain, values: members.map((u) => shares[u]) };
    }),
  };
}

function meanMatrix(matrices: readonly (readonly (readonly number[])[])[]): number[][] {
  return matrices[0].map((row, r) =>
    row.map((_, c) => matrices.reduce((sum, matrix) => sum + matrix[r][c], 0) / matrices.length),
  );
}

function removedFigure({ analyses, published, settings }: ExpertsExperiment): Figure {
  const names = { highest: "highest contribution first", lowest: "lowest contribution first", random: "random" };
  const series = (name: string, runs: readonly Float64Array[]): RemovalSeries => {
    const each = Array.from(runs[0], (_, k) => runs.map((run) => run[k]));
    return { name, removed: each.map((_, k) => k), ...middle(each) };
  };
  const panel = (title: string, score: string, own: (name: number) => Removals, scale = 1) => {
    const all = analyses.map((_, a) => own(a));
    const scaled = (runs: readonly Float64Array[]) => runs.map((run) => run.map((value) => value * scale));
    return {
      title,
      score,
      series: [
        series(names.highest, scaled(all.map(({ highest }) => highest))),
        series(names.lowest, scaled(all.map(({ lowest }) => lowest))),
        series(names.random, scaled(all.flatMap(({ random }) => random))),
      ],
    };
  };
  const small = analyses.length === 1 ? analyses[0].name : `${analyses.length} small decoders`;
  return removalsFigure(
    [
      ...(published
        ? [
            {
              title: `${published.contributions.name}: GSM8k`,
              score: "accuracy",
              series: (["highest", "lowest"] as const).map((kind) =>
                publishedSeries(names[kind], published.removals[kind]),
              ),
            },
          ]
        : []),
      panel(`${small}: held-out sums and differences`, "accuracy", (a) => analyses[a].arithmetic),
      panel(`${small}: sentences`, "bits per byte", (a) => analyses[a].languages, -1 / Math.LN2),
    ],
    {
      title: "Scores after removing experts",
      bands: "the middle 68 % of the runs",
      note: [
        published && `Published: ${runCount(published.removals)} runs.`,
        `Small decoders, lesion silence: ${analyses.length > 1 ? "a run is a decoder; " : ""}random ones are ${settings.randomOrders} orders of each decoder (sentences: ${Math.ceil(settings.randomOrders / 2)}).`,
      ]
        .filter(Boolean)
        .join(" "),
    },
  );
}

/** How many runs there are of each number of removed experts. */
function runCount({ highest, lowest }: PublishedExperts["removals"]): string {
  const counts = [...highest, ...lowest].map(({ accuracies }) => accuracies.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function publishedSeries(name: string, runs: readonly RemovalRuns[]): RemovalSeries {
  return { name, removed: runs.map(({ removed }) => removed), ...middle(runs.map(({ accuracies }) => accuracies)) };
}

/**
 * Means, and where the middle 68 % of the runs lie: quantiles, since scores have bounds that a standard deviation does
 * not know.
 */
function middle(each: readonly ArrayLike<number>[]): Omit<RemovalSeries, "name" | "removed"> {
  const means = each.map((runs) => summarise(runs).mean);
  if (each.every(({ length }) => length === 1)) return { means };
  const at = (share: number) => each.map((runs) => quantile(Float64Array.from(runs).sort(), share));
  return { means, lower: at(0.16), upper: at(0.84) };
}

/** Which experts C6 shows of a decoder: the paper's own picks, or the most specific ones of each language. */
function specificPicks(own: ExpertContributions, published: boolean): { language: string; unit: string }[] {
  return languageNames.flatMap((language) => {
    const units = published
      ? (publishedPicks[language] ?? []).filter((unit) => own.modes.units.includes(unit))
      : mostSpecific(own.modes.units, languageSpecificity(own, language, "other languages"), lesionedForLanguage);
    return units.map((unit) => ({ language, unit }));
  });
}

function specificFigure({ analyses, published }: ExpertsExperiment): Figure {
  const panel = (own: ExpertContributions, isPublished: boolean) => {
    const picks = specificPicks(own, isPublished);
    const shares = own.tasks.map((task) => sharesOf(toTask(own, task)));
    return {
      title: own.name,
      units: picks.map(({ language, unit }) => `${language.slice(0, 2)} (${unit.slice(1).replace("/E", ",")})`),
      values: Float64Array.from(
        picks.flatMap(({ unit }) => shares.map((share) => share[own.modes.units.indexOf(unit)])),
      ),
      outputs: own.tasks,
    };
  };
  // A copy of the published file may have fewer layers.
  const isPicked = published !== undefined && specificPicks(published.contributions, true).length > 0;
  return modesHeatmapFigure(
    [...(isPicked ? [panel(published.contributions, true)] : []), panel(analyses[0].contributions, false)],
    {
      title: "Experts picked for a language",
      score: "score (share of all experts)",
      outputTitle: "Task",
      unitTitle: "Language and expert (layer, number)",
      scale: "own",
      note: `${isPicked ? "Published: the experts that the paper lesioned for German and Spanish, picked by the contribution to the language less that to arithmetic. " : ""}${analyses[0].name}: the ${lesionedForLanguage.count} experts behind the first layer that are most specific to each language, by the contribution to it less that to the other languages.`,
    },
  );
}
