import { writeWhole } from "../../files.js";
import { canonicalJson, type Json } from "../../json.js";
import { has, isList, listOf } from "../../kinds.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import { packageVersion } from "../../version.js";
import type { CnnAnalysis } from "./analyse.js";
import type { CnnExperiment } from "./run.js";

/** A number of the networks of one regulariser. */
export interface CnnNumber {
  readonly regulariser: Regulariser;
  /** Mean over the networks. */
  readonly value: number;
  /**
   * The same less the bias of sampling error, of a single network; NaN for what has no interval, and where there are
   * several networks.
   */
  readonly corrected: number;
  /**
   * An interval of 95 % over coalitions and images, about `corrected`, of a single network; NaN for what has none, and
   * where there are several networks.
   */
  readonly low: number;
  readonly high: number;
}

/** What the paper reports of MLPs, held against the convolution networks. */
export interface CnnClaim {
  readonly figure: "A1" | "A2" | "A5";
  readonly claim: string;
  /** In the order that the claim states. */
  readonly numbers: readonly CnnNumber[];
  readonly holds: boolean;
  /** Whether the intervals of neighbours keep apart; undefined where there are none. */
  readonly apart: boolean | undefined;
}

const names: Readonly<Record<Regulariser, string>> = { l1: "L1", l2: "L2", none: "none" };
const ascending: readonly Regulariser[] = ["l1", "l2", "none"];

/**
 * Whether what the paper found in MLPs holds in the convolution networks: no numbers are published to hold these
 * against, but the orders of the regularisers can be.
 */
export function cnnClaims(cnnExperiment: CnnExperiment): CnnClaim[] {
  has("cnnExperiment", cnnExperiment, "a CnnExperiment", "profile", "seed");
  const { analyses } = cnnExperiment;
  const order = (
    figure: CnnClaim["figure"],
    quantity: string,
    kinds: readonly Regulariser[],
    measure: (analysis: CnnAnalysis) => Omit<CnnNumber, "regulariser">,
  ): CnnClaim => {
    const numbers = kinds.map((regulariser) => ({ regulariser, ...numberOf(analyses, regulariser, measure) }));
    const pairs = numbers.slice(1).map((number, i) => [numbers[i], number] as const);
    const known = numbers.every(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
    return {
      figure,
      claim: `${quantity}: ${kinds.map((name) => names[name]).join(" < ")}`,
      numbers,
      holds: pairs.every(([less, more]) => less.value < more.value),
      apart: known ? pairs.every(([less, more]) => less.high < more.low) : undefined,
    };
  };
  const plain = (value: number) => ({ value, corrected: Number.NaN, low: Number.NaN, high: Number.NaN });
  const descending = [...ascending].reverse();
  return [
    order("A1", "accuracy without the top fifth", ascending, ({ accuracy }) => plain(accuracy.topLesioned)),
    order("A1", "accuracy with the top fifth alone", descending, ({ accuracy }) => plain(accuracy.restLesioned)),
    order("A2", "index of distributed computation", ascending, (a) => a.concentration.indexOfDistributedComputation),
    order("A2", "participation ratio", ascending, (a) => a.concentration.participationRatio),
    order("A5", "r of mean absolute weight and contribution", descending, (a) => a.weightCorrelationInterval),
  ];
}

function numberOf(
  analyses: readonly CnnAnalysis[],
  regulariser: Regulariser,
  measure: (analysis: CnnAnalysis) => Omit<CnnNumber, "regulariser">,
) {
  const own = analyses.filter((analysis) => analysis.regulariser === regulariser).map(measure);
  if (own.length === 1) {
    const [{ value, corrected, low, high }] = own;
    return { value, corrected, low, high };
  }
  const value = own.reduce((sum, number) => sum + number.value, 0) / own.length;
  return { value, corrected: Number.NaN, low: Number.NaN, high: Number.NaN };
}

/** "3 of 5 orders that the paper reports of MLPs hold, 1 of them with intervals that keep apart". */
export function cnnClaimsSentence(claims: readonly CnnClaim[]): string {
  listOf("claims", claims, "CnnClaim", "holds");
  const held = claims.filter(({ holds }) => holds);
  const sure = held.filter(({ apart }) => apart).length;
  const known = held.filter(({ apart }) => apart !== undefined).length;
  const them = known === held.length ? "" : ` (of ${held.length - known} no intervals are known)`;
  const certainty = held.length === 0 ? "" : `, ${sure} of them with intervals that keep apart${them}`;
  return `${held.length} of ${claims.length} orders that the paper reports of MLPs hold${certainty}`;
}

/** The claims as a Markdown table. */
export function cnnClaimsMarkdown(claims: readonly CnnClaim[], experiment: Pick<CnnExperiment, "analyses">): string {
  isList("claims", claims, "CnnClaim");
  has("experiment", experiment, "a CnnExperiment", "analyses");
  const { analyses } = experiment;
  const counts = regularisers.map((name) => analyses.filter(({ regulariser }) => regulariser === name).length);
  const number = ({ value, corrected, low, high }: CnnNumber) =>
    Number.isFinite(low) ? `${text(value)} (${text(corrected)} [${text(low)}, ${text(high)}])` : text(value);
  const sign = (yes: boolean | undefined) => (yes === undefined ? "" : yes ? "yes" : "**no**");
  return [
    `${cnnClaimsSentence(claims)}. Networks of each kind: ${[...new Set(counts)].join(", ")}. Compared are the numbers themselves. In brackets a network's number`,
    "less the bias of sampling error, which makes work look shared, and about it the interval of 95 % over coalitions and images: it need not hold the number itself.",
    "How networks of one kind differ is not in it.",
    "",
    "| figure | order reported of MLPs | here | holds | intervals apart |",
    "|---|---|---|---|---|",
    ...claims.map(
      ({ figure, claim, numbers, holds, apart }) =>
        `| ${figure} | ${claim} | ${numbers.map(number).join(", ")} | ${sign(holds)} | ${sign(apart)} |`,
    ),
    "",
  ].join("\n");
}

function text(value: number): string {
  return Number.isFinite(value) ? value.toFixed(Math.abs(value) < 2 ? 3 : 1) : "not known";
}

/** Writes cnn-agreement.json and cnn-agreement.md into a folder. Equal runs give equal bytes. */
export function writeCnnClaims(experiment: CnnExperiment, claims: readonly CnnClaim[], folder: string): void {
  has("experiment", experiment, "a CnnExperiment", "profile", "seed");
  const { profile, seed, settings } = experiment;
  const content = { claims, profile, seed, settings, version: packageVersion };
  writeWhole(`${folder}/cnn-agreement.json`, `${canonicalJson(JSON.parse(JSON.stringify(content)) as Json)}\n`);
  writeWhole(
    `${folder}/cnn-agreement.md`,
    `# Convolution networks and what is published of MLPs\n\n${cnnClaimsMarkdown(claims, experiment)}`,
  );
}
