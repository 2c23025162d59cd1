import { outputCorrelation } from "../../analysis/correlation.js";
import { groupTest, permutationTest } from "../../analysis/inference/permutation-test.js";
import { unitsByLayer } from "../../analysis/layers.js";
import { summarise } from "../../analysis/summary.js";
import { studentFactor } from "../../quantiles.js";
import { arithmeticKinds } from "./arithmetic.js";
import {
  byLayer,
  domainShares,
  type ExpertContributions,
  languageSpecificity,
  mostSpecific,
  overallShares,
  type TaskDomain,
  taskDomains,
} from "./contributions.js";
import { type Language, languageNames } from "./languages.js";
import { ownLanguageTest } from "./lesion-effects.js";
import { publishedPicks, type RemovalRuns } from "./published-experts.js";
import type { ExpertsExperiment } from "./run.js";
import { type SpecificityTest, specificExperts } from "./specificity.js";

/** A sentence of the paper about experts, or one that belongs to it, held against one decoder's numbers or those of all small ones. */
export interface ExpertsClaim {
  readonly figure: "C1" | "C2" | "C3" | "C4" | "C5" | "C6";
  readonly claim: string;
  /** Whose numbers. */
  readonly source: string;
  /** The numbers, in words. */
  readonly measured: string;
  /** The number that it is about, which can be averaged over decoders; null where there is none. */
  readonly quantity: { readonly name: string; readonly value: number } | null;
  /** Of the test that belongs to it, corrected where it is one of several; null where there is none. */
  readonly p: number | null;
  /** Null where what it needs was not measured or published. */
  readonly holds: boolean | null;
}

const level = 0.05;

/** The paper's conclusions, tested on the published contributions, where they are there, and on every small decoder, or all of them together. */
export function expertsClaims(experiment: ExpertsExperiment): ExpertsClaim[] {
  const { analyses, published, publishedOutlying, settings, seed } = experiment;
  const sources = [
    ...(published ? [published.contributions] : []),
    ...analyses.map(({ contributions }) => contributions),
  ];
  const tests = { permutations: settings.permutations, seed };
  return [
    ...sources.map((own) => firstLayers(own, tests)),
    ...sources.map(singleExpert),
    ...sources.map((own) => domainsApart(own, tests)),
    ...(published ? [publishedRemovals(published.contributions.name, published.removals)] : []),
    ...smallRemovals(experiment),
    ...(published ? picks(published.contributions) : []),
    ...(published ? [specific(published.contributions.name, publishedOutlying, outlyingNull)] : []),
    ...analyses.flatMap(({ name, outlying, labelled }) => [
      specific(name, outlying, outlyingNull),
      specific(name, labelled, "shuffled labels of sentences"),
    ]),
    ...ownLesions(experiment, tests),
  ];
}

const outlyingNull = "its other languages";

type TestOptions = { readonly permutations: number; readonly seed: number };

/** C1, C2: layers 0 and 1 carry most. */
function firstLayers(own: ExpertContributions, tests: TestOptions): ExpertsClaim {
  const { units } = own.modes;
  const values = overallShares(own);
  const layers = byLayer(units, values, "sum");
  const ranked = [...layers].sort((a, b) => b.value - a.value).map(({ layer }) => layer);
  const members = units.filter((unit) => /^L[01]\//.test(unit));
  const { p } = groupTest({ units, values }, members, { ...tests, alternative: "larger" });
  const share = layers.slice(0, 2).reduce((sum, { value }) => sum + value, 0);
  return {
    figure: "C2",
    claim: "Layers 0 and 1 contribute most",
    source: own.name,
    measured: `${percent(share)} of everything, in 2 of ${layers.length} layers; the two largest are ${ranked[0]} and ${ranked[1]}`,
    quantity: { name: "share of layers 0 and 1", value: share },
    p,
    holds: p <= level && ["L0", "L1"].every((layer) => ranked.slice(0, 2).includes(layer)),
  };
}

/** C3: one expert of layer 1 alone matters more than the others of its layer together. */
function singleExpert(own: ExpertContributions): ExpertsClaim {
  const { units } = own.modes;
  const members = unitsByLayer(units).get("L1") ?? [];
  const domains = Object.keys(taskDomains) as TaskDomain[];
  const overall = overallShares(own);
  const first = members.reduce((best, u) => (overall[u] > overall[best] ? u : best));
  const shares = domains.map((domain) => {
    const values = domainShares(own, domain);
    const layer = members.reduce((sum, u) => sum + values[u], 0);
    return { domain, alone: values[first], others: layer - values[first] };
  });
  return {
    figure: "C3",
    claim: "One expert of layer 1 contributes more than the others of its layer together, in every domain",
    source: own.name,
    measured: `${units[first]}: ${shares.map(({ domain, alone, others }) => `${domain} ${percent(alone)} against ${percent(others)}`).join(", ")}`,
    quantity: {
      name: "largest expert of layer 1 / the others of its layer, least domain",
      value: Math.min(...shares.map(({ alone, others }) => alone / others)),
    },
    p: null,
    holds: shares.every(({ alone, others }) => alone > others),
  };
}

/** C4: tasks of one domain share their experts more than tasks of two. */
function domainsApart(own: ExpertContributions, tests: TestOptions): ExpertsClaim {
  const correlation = outputCorrelation(own.modes);
  const tasks = [...arithmeticKinds, ...languageNames];
  const place = tasks.map((task) => own.tasks.indexOf(task));
  const arithmetic = arithmeticKinds.length;
  const means = (order: ArrayLike<number>) => {
    const [within, between]: [number[], number[]] = [[], []];
    for (let a = 0; a < tasks.length; a++) {
      for (let b = 0; b < a; b++) {
        (a < arithmetic === b < arithmetic ? within : between).push(correlation[place[order[a]]][place[order[b]]]);
      }
    }
    return [summarise(within).mean, summarise(between).mean];
  };
  const difference = (order: ArrayLike<number>) => {
    const [within, between] = means(order);
    return within - between;
  };
  const [within, between] = means([...tasks.keys()]);
  const { p } = permutationTest(tasks.length, difference, { ...tests, alternative: "larger" });
  return {
    figure: "C4",
    claim: "Tasks of arithmetic, and tasks of languages, share their experts more than one does with the other",
    source: own.name,
    measured: `mean r ${within.toFixed(2)} within, ${between.toFixed(2)} between`,
    quantity: { name: "mean r within less between", value: within - between },
    p,
    holds: p <= level,
  };
}

/** C5, published: no random removals were published, and the two series do not start alike, so each is held against its own start. */
function publishedRemovals(
  source: string,
  { highest, lowest }: { readonly highest: readonly RemovalRuns[]; readonly lowest: readonly RemovalRuns[] },
): ExpertsClaim {
  const mean = (runs: readonly RemovalRuns[], removed: number) => {
    const found = runs.find((row) => row.removed === removed);
    return found ? summarise(found.accuracies).mean : Number.NaN;
  };
  const common = highest
    .map(({ removed }) => removed)
    .filter((removed) => removed > 0 && !Number.isNaN(mean(lowest, removed)));
  const lost = (runs: readonly RemovalRuns[], removed: number) => mean(runs, 0) - mean(runs, removed);
  const at = common.includes(20) ? 20 : common[common.length - 1];
  const known = common.length > 0;
  return {
    figure: "C5",
    claim: "Removing the experts of highest contribution costs more than removing those of lowest",
    source,
    measured: known
      ? `GSM8k intact ${mean(highest, 0).toFixed(3)} (highest) and ${mean(lowest, 0).toFixed(3)} (lowest), not one run; ${at} removed: ${mean(highest, at).toFixed(3)} and ${mean(lowest, at).toFixed(3)}`
      : "no number of removed experts is in both series",
    quantity: null,
    p: null,
    holds: known ? common.every((removed) => lost(highest, removed) > lost(lowest, removed)) : null,
  };
}

/** C5, small decoders: means over all numbers of removed experts, beside those of random orders. */
function smallRemovals({ analyses }: ExpertsExperiment): ExpertsClaim[] {
  const what = { arithmetic: "held-out sums and differences, exact", languages: "sentences, bits per byte" } as const;
  return analyses.flatMap(({ name, ...own }) =>
    (["arithmetic", "languages"] as const).map((kind): ExpertsClaim => {
      const { highest, lowest, random } = own[kind];
      const sign = kind === "languages" ? -1 / Math.LN2 : 1;
      const area = (scores: Float64Array) => summarise(scores).mean;
      const areas = random.map(area);
      const half = Math.floor(highest.length / 2);
      const at = (scores: Float64Array) => (sign * scores[half]).toFixed(2);
      const between = areas.filter((value) => value < area(lowest) && value > area(highest)).length;
      return {
        figure: "C5",
        claim: "Removing the experts of highest contribution costs more than random ones, of lowest less",
        source: name,
        measured: `${what[kind]}, ${half} of ${highest.length - 1} removed: highest ${at(highest)}, random ${(sign * summarise(random.map((scores) => scores[half])).mean).toFixed(2)}, lowest ${at(lowest)}; on average over all numbers ${between} of ${areas.length} random orders lie between`,
        quantity: {
          name:
            kind === "arithmetic"
              ? "exact answers, lowest less highest removed"
              : "bits per byte, highest less lowest removed",
          value: (area(lowest) - area(highest)) / (kind === "languages" ? Math.LN2 : 1),
        },
        p: null,
        holds: between === areas.length,
      };
    }),
  );
}

/** C6, published: whether the experts that the paper lesioned are those of largest contribution to the language less that to arithmetic. */
function picks(own: ExpertContributions): ExpertsClaim[] {
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
function specific(source: string, tests: readonly SpecificityTest[], nullModel: string): ExpertsClaim {
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

/** C6: lesioning the most specific experts costs their own language more than the others, on sentences that did not pick them. */
function ownLesions({ analyses }: ExpertsExperiment, tests: TestOptions): ExpertsClaim[] {
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

/** What becomes of a sentence over decoders that were trained from different seeds. */
export interface ClaimOverDecoders {
  readonly figure: ExpertsClaim["figure"];
  readonly claim: string;
  /** What is averaged: `ExpertsClaim.quantity`. */
  readonly quantity: string;
  /** Of each decoder, in the order of `decoders`. */
  readonly values: readonly number[];
  readonly holds: readonly boolean[];
  readonly mean: number;
  /** Student's interval of 95 % over the decoders; null of a single one. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The sentences that were tested on every one of some decoders: in which they hold, and what they are about with an interval over the decoders. */
export function claimsOverDecoders(claims: readonly ExpertsClaim[], decoders: readonly string[]): ClaimOverDecoders[] {
  const groups = new Map<string, ExpertsClaim[]>();
  for (const own of claims) {
    if (!own.quantity || !decoders.includes(own.source)) continue;
    const key = JSON.stringify([own.claim, own.quantity.name]);
    groups.set(key, [...(groups.get(key) ?? []), own]);
  }
  return [...groups.values()].map((group) => {
    const all = decoders.map((name) => group.find(({ source }) => source === name) as ExpertsClaim);
    const values = all.map(({ quantity }) => (quantity as NonNullable<ExpertsClaim["quantity"]>).value);
    const { mean, sd, count } = summarise(values);
    const half = count > 1 ? (studentFactor(level, count - 1) * sd) / Math.sqrt(count) : undefined;
    return {
      figure: group[0].figure,
      claim: group[0].claim,
      quantity: (group[0].quantity as NonNullable<ExpertsClaim["quantity"]>).name,
      values,
      holds: all.map(({ holds }) => holds === true),
      mean,
      low: half === undefined ? null : mean - half,
      high: half === undefined ? null : mean + half,
    };
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
