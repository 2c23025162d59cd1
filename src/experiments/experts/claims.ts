import { outputCorrelation } from "../../analysis/correlation.js";
import { groupTest, permutationTest } from "../../analysis/inference/permutation-test.js";
import { unitsByLayer } from "../../analysis/layers.js";
import { summarise } from "../../analysis/summary.js";
import { has } from "../../kinds.js";
import { arithmeticKinds } from "./arithmetic.js";
import { type ExpertsClaim, level, percent, type TestOptions } from "./claim.js";
import {
  byLayer,
  domainShares,
  type ExpertContributions,
  overallShares,
  type TaskDomain,
  taskDomains,
} from "./contributions.js";
import { lesionClaims, pickClaims, specificityClaim } from "./language-claims.js";
import { languageNames } from "./languages.js";
import type { RemovalRuns } from "./published-experts.js";
import type { ExpertsExperiment } from "./run.js";

/**
 * The paper's conclusions, tested on the published contributions, where they are there, and on every small decoder, or
 * all of them together.
 */
export function expertsClaims(experiment: ExpertsExperiment): ExpertsClaim[] {
  has("experiment", experiment, "an ExpertsExperiment", "settings", "seed");
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
    ...(published ? pickClaims(published.contributions) : []),
    ...(published ? [specificityClaim(published.contributions.name, publishedOutlying, outlyingNull)] : []),
    ...analyses.flatMap(({ name, outlying, labelled }) => [
      specificityClaim(name, outlying, outlyingNull),
      specificityClaim(name, labelled, "shuffled labels of sentences"),
    ]),
    ...lesionClaims(experiment, tests),
  ];
}

const outlyingNull = "its other languages";

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

/**
 * C5, published: no random removals were published, and the two series do not start alike, so each is held against its
 * own start.
 */
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
