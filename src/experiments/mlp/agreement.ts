import { summarise } from "../../analysis/summary.js";
import { writeWhole } from "../../files.js";
import { canonicalJson, type Json } from "../../json.js";
import { has } from "../../kinds.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import { packageVersion } from "../../version.js";
import {
  publishedAccuracy,
  publishedDigitIndex,
  publishedIndex,
  publishedWeightCorrelation,
  type Statistic,
} from "./published-statistics.js";
import type { MlpExperiment } from "./run.js";

/** Published standard deviations that the mean of a run may lie away from the published mean. */
const toleratedSds = 3;
/** Networks behind each published mean. */
const publishedNetworks = 10;

/** One number of this run beside the published one. */
export interface AgreementRow {
  readonly figure: "A1" | "A2" | "A5" | "A6";
  readonly quantity: string;
  readonly regulariser: Regulariser;
  /** Hidden units n. */
  readonly width: number;
  /** Networks of this run. */
  readonly networks: number;
  /** Mean over the networks of this run. */
  readonly thisRun: number;
  /** Its population standard deviation over them. */
  readonly thisRunSd: number;
  /** Mean over the ten published networks. */
  readonly published: number;
  /** Their population standard deviation. */
  readonly publishedSd: number;
  /** (this run - published) / published standard deviation. */
  readonly deviation: number;
  /**
   * (this run - published) / standard error of a difference of two such means: s sqrt(1 / networks + 1 / 10), s being
   * the published standard deviation of the sample, sd sqrt(10 / 9). About normal where the networks here are as those
   * of the paper.
   */
  readonly standardErrors: number;
  /** |deviation| <= 3 */
  readonly within: boolean;
}

/** An order of the regularisers that the paper reports, and whether it holds here. */
export interface AgreementOrder {
  readonly figure: "A1" | "A2";
  readonly claim: string;
  readonly values: readonly number[];
  readonly holds: boolean;
}

/** Every published number that a run can be held against. */
export interface Agreement {
  readonly rows: readonly AgreementRow[];
  readonly orders: readonly AgreementOrder[];
  /** How many rows are within tolerance. */
  readonly numbersWithin: number;
  /** How many orders hold. */
  readonly ordersHeld: number;
}

/** Holds an experiment against the published statistics, for every width that both have. */
export function mlpAgreement(mlpExperiment: MlpExperiment): Agreement {
  has("mlpExperiment", mlpExperiment, "an MlpExperiment", "profile", "orderings");
  const { analyses, lesioned } = mlpExperiment;
  const rows: AgreementRow[] = [];
  const compare = (
    figure: AgreementRow["figure"],
    quantity: string,
    regulariser: Regulariser,
    width: number,
    values: readonly number[],
    published: Statistic | undefined,
  ) => {
    const numbers = values.filter(Number.isFinite);
    if (!published || numbers.length === 0) return;
    const { mean, populationSd } = summarise(numbers);
    const deviation = (mean - published[0]) / published[1];
    rows.push({
      figure,
      quantity,
      regulariser,
      width,
      networks: numbers.length,
      thisRun: mean,
      thisRunSd: populationSd,
      published: published[0],
      publishedSd: published[1],
      deviation,
      standardErrors:
        deviation /
        Math.sqrt((publishedNetworks / (publishedNetworks - 1)) * (1 / numbers.length + 1 / publishedNetworks)),
      within: Math.abs(deviation) <= toleratedSds,
    });
  };

  // The paper trained every network to the end: one trained for a look (profile "smoke") is not held against it.
  const comparable = analyses.filter((analysis) => analysis.comparable);
  const widths = [...new Set(comparable.map((analysis) => analysis.width))].sort((a, b) => a - b);
  const ofKind = (regulariser: Regulariser, width: number) =>
    comparable.filter((analysis) => analysis.regulariser === regulariser && analysis.width === width);
  for (const regulariser of regularisers) {
    const ranked = lesioned.filter((row) => row.regulariser === regulariser && row.width === 200);
    for (const [key, quantity] of accuracies) {
      const values = ranked.map((row) => row[key]);
      compare("A1", quantity, regulariser, 200, values, publishedAccuracy[regulariser][key]);
    }
  }
  for (const width of widths) {
    for (const regulariser of regularisers) {
      const kind = ofKind(regulariser, width);
      const indices = kind.map((analysis) => analysis.index);
      compare(
        "A2",
        "index of distributed computation",
        regulariser,
        width,
        indices,
        publishedIndex[regulariser][width],
      );
      const correlations = kind.map((analysis) => analysis.weightCorrelation);
      const published = publishedWeightCorrelation[regulariser][width];
      compare("A5", "r of mean absolute weight and contribution", regulariser, width, correlations, published);
    }
    for (const digit of [0, 1, 9]) {
      const indices = ofKind("l2", width).map((analysis) => analysis.digitIndices[digit]);
      compare("A6", `index, digit ${digit}`, "l2", width, indices, publishedDigitIndex[digit][width]);
    }
  }
  const orders = ordersOf(rows);
  const numbersWithin = rows.filter((row) => row.within).length;
  return { rows, orders, numbersWithin, ordersHeld: orders.filter((order) => order.holds).length };
}

const accuracies = [
  ["intact", "accuracy, intact"],
  ["topLesioned", "accuracy, top 40 lesioned"],
  ["restLesioned", "accuracy, other 160 lesioned"],
] as const;

/**
 * The orders L1 < L2 < none that the paper reports: of the index from 50 units up, and of accuracy without the top 40.
 */
function ordersOf(rows: readonly AgreementRow[]): AgreementOrder[] {
  const orders: AgreementOrder[] = [];
  const add = (figure: "A1" | "A2", quantity: string, width: number, ascending: readonly Regulariser[]) => {
    const found = ascending.map((regulariser) =>
      rows.find((row) => row.quantity === quantity && row.width === width && row.regulariser === regulariser),
    );
    if (found.some((row) => row === undefined)) return;
    const values = found.map((row) => (row as AgreementRow).thisRun);
    orders.push({
      figure,
      claim: `${quantity}, n = ${width}: ${ascending.map((name) => regulariserLabels[name]).join(" < ")}`,
      values,
      holds: values.every((value, i) => i === 0 || values[i - 1] < value),
    });
  };
  add("A1", "accuracy, top 40 lesioned", 200, ["l1", "l2", "none"]);
  add("A1", "accuracy, other 160 lesioned", 200, ["none", "l2", "l1"]);
  for (const width of [50, 100, 105, 150, 200]) {
    add("A2", "index of distributed computation", width, ["l1", "l2", "none"]);
  }
  return orders;
}

const regulariserLabels: Readonly<Record<Regulariser, string>> = { l1: "L1", l2: "L2", none: "none" };

/** "61 of 61 numbers and 9 of 9 orders agree". */
export function agreementSentence(agreement: Agreement): string {
  has("agreement", agreement, "an Agreement", "rows", "orders");
  const { rows, orders, numbersWithin, ordersHeld } = agreement;
  return `${numbersWithin} of ${rows.length} numbers and ${ordersHeld} of ${orders.length} orders agree`;
}

/**
 * What the tolerance means. Of a mean of k networks like the published ones, 3 sd are 3 / sqrt(1 / k + 1 / 10) of its
 * standard errors: 2.9 for one, 4.6 for three, 6.7 for ten. So the tolerance alone would let a systematic difference
 * pass: the errors are told as well.
 */
function toleranceSentences(agreement: Agreement): string {
  const { rows } = agreement;
  const near = rows.filter((row) => Math.abs(row.standardErrors) <= 2).length;
  const largest = Math.max(0, ...rows.map((row) => Math.abs(row.standardErrors)));
  return [
    `${agreementSentence(agreement)}. A number agrees when the mean over the networks of this run lies within ${toleratedSds}`,
    "published standard deviations of the published mean, as far as single networks may lie apart. A mean of several networks varies",
    `less, so this is a wide tolerance: of three networks ${toleratedSds} sd are 4.6 standard errors of the difference. In standard errors`,
    `(se = s√(1/k + 1/${publishedNetworks}), k networks here, ${publishedNetworks} there) ${near} of ${rows.length} lie within 2, where 95 % would be expected if the`,
    `networks here were drawn as those of the paper and the rows did not hang together; the largest is ${largest.toFixed(1)}.`,
    "",
    "± is the population standard deviation over networks; in brackets how many networks this run has.",
  ].join("\n");
}

/** The table as Markdown, for reading. */
export function agreementMarkdown(agreement: Agreement): string {
  has("agreement", agreement, "an Agreement", "rows", "orders");
  const { rows, orders } = agreement;
  const sign = (yes: boolean) => (yes ? "yes" : "**no**");
  const number = (value: number) => value.toFixed(3);
  const table = rows.map((row) => {
    const cells = [
      row.figure,
      row.quantity,
      regulariserLabels[row.regulariser],
      row.width,
      together(`${number(row.thisRun)}${row.networks > 1 ? ` ± ${number(row.thisRunSd)}` : ""} (${row.networks})`),
      together(`${number(row.published)} ± ${number(row.publishedSd)}`),
      row.deviation.toFixed(1),
      row.standardErrors.toFixed(1),
      sign(row.within),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const claims = orders.map(
    (order) => `| ${order.figure} | ${order.claim} | ${order.values.map(number).join(" < ")} | ${sign(order.holds)} |`,
  );
  return [
    "# This run and the published numbers",
    "",
    toleranceSentences(agreement),
    "",
    "| figure | quantity | regulariser | n | this run | published | deviation (sd) | (se) | within |",
    "|---|---|---|---|---|---|---|---|---|",
    ...table,
    "",
    "| figure | order reported in the paper | this run | holds |",
    "|---|---|---|---|",
    ...claims,
    "",
  ].join("\n");
}

/** A text that is not broken into lines: its spaces become no-break spaces. */
function together(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** Writes agreement.json and agreement.md into a folder. Equal runs give equal bytes. */
export function writeAgreement(experiment: MlpExperiment, agreement: Agreement, folder: string): void {
  has("experiment", experiment, "an MlpExperiment", "profile", "orderings");
  const { profile, orderings, seed } = experiment;
  const content = { ...agreement, orderings, profile, seed, version: packageVersion };
  writeWhole(`${folder}/agreement.json`, `${canonicalJson(content as unknown as Json)}\n`);
  writeWhole(`${folder}/agreement.md`, agreementMarkdown(agreement));
}
