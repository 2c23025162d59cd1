import type { Coalitions } from "../coalitions/coalition.js";
import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import type { Game } from "../games/game.js";
import type { Json, JsonObject } from "../json.js";
import { mlpGame } from "../lesion/mlp-game.js";
import type { OutputScore } from "../lesion/output-score.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { loadMlp } from "../networks/mlp/file.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import { publishedNetworks } from "../networks/mlp/msa-xai-folder.js";
import { type Answer, type Question, short } from "./question.js";

const inputs = "mnist-test:0-511";
const classes = 10;
/** What v is: of each class the mean over its images. */
const scores = ["probability", "cross-entropy", "class accuracy"] as const;
/** Least ratios that are aimed at, of published networks. */
const aims: Readonly<Record<string, readonly number[]>> = { none: [20, 18, 9], l1: [50, 50, 11] };

/** A network, and how much is done with it. */
interface Case {
  readonly name: string;
  readonly network: Mlp;
  readonly evaluations: number;
  readonly seeds: number;
  readonly referenceOrderings: number;
  readonly aims?: readonly number[];
}

interface Row {
  readonly network: string;
  readonly score: string;
  readonly evaluations: number;
  /** Variance of plain orderings, divided by that of the estimator. */
  readonly antithetic: number;
  readonly leverage: number;
  readonly aim: number | null;
  /** Share of the values within two standard errors of the reference. */
  readonly coverage: number;
  /** Seconds that the evaluations took, and the fit after them. */
  readonly evaluating: number;
  readonly fitting: number;
}

/** How far leverage comes on networks of the paper's size. */
export const estimatorGoals: Question = {
  name: "goals",
  asks: "how many times less variance than plain orderings has leverage on networks of 100 units, for as many evaluations?",
  async answer(signal: AbortSignal, seeds?: number): Promise<Answer> {
    const folder = process.env.MSA_XAI_DIR;
    const rows: Row[] = [];
    for (const each of await casesOf(folder)) {
      rows.push(...(await measure(seeds === undefined ? each : { ...each, seeds }, signal)));
    }
    const [first] = rows;
    return {
      figure: { value: 1 / first.leverage, unit: "of the variance", of: `leverage, ${first.network}, ${first.score}` },
      baseline: { value: 1, unit: "of the variance", of: `plain orderings, ${first.evaluations} evaluations` },
      ratio: first.leverage,
      ...(first.aim !== null && { target: { ratio: first.aim } }),
      lines: [
        ...(folder
          ? []
          : ["left out  the published networks (MSA_XAI_DIR names no folder): a smaller one, fewer evaluations"]),
        "over      512 images; of each class the mean over its images; against a long run of antithetic orderings, whose own variance is taken out",
        "network      score           evaluations  antithetic  leverage  aim  within 2 errors  evaluating  fitting",
        ...rows.map(rowText),
      ],
      numbers: { inputs, rows: rows.map((row) => ({ ...row }) as unknown as Json) } as JsonObject,
    };
  },
};

async function casesOf(folder: string | undefined): Promise<Case[]> {
  if (!folder) {
    const network = await checkpoint({ width: 50, regulariser: "none", trial: 0 });
    return [{ name: "own none-50", network, evaluations: 1000, seeds: 1, referenceOrderings: 400 }];
  }
  const published = publishedNetworks(folder).filter(({ width, trial }) => width === 100 && trial === 0);
  const cases: Case[] = [];
  for (const { regulariser, path } of published.filter(({ regulariser }) => regulariser !== "l2").reverse()) {
    const network = await loadMlp(path);
    const amount = { evaluations: 12_000, seeds: 2, referenceOrderings: 10_000 };
    cases.push({ name: `${regulariser} 100`, network, ...amount, aims: aims[regulariser] });
  }
  return cases;
}

async function measure({ name, network, evaluations, seeds, ...rest }: Case, signal: AbortSignal): Promise<Row[]> {
  const data = loadInputs(inputs);
  const game = await mlpGame(network, data, { score: ofClasses(data.labels) });
  const units = game.units.length;
  const outputs = scores.length * classes;
  const { referenceOrderings } = rest;
  const reference = await shapley(game, {
    estimator: "antithetic",
    orderings: referenceOrderings,
    seed: 4_000_001,
    signal,
  });
  const plain = await shapley(game, {
    estimator: "permutation",
    orderings: referenceOrderings / 4,
    seed: 4_000_002,
    signal,
  });
  const rows: Row[] = [];
  for (let q = 0; q < scores.length; q++) {
    /** Sums over the units and the outputs of this score. */
    const sum = (of: (place: number, own: number) => number) => {
      let total = 0;
      for (let u = 0; u < units; u++) {
        for (let k = 0; k < classes; k++) total += of(u * outputs + q * classes + k, u * classes + k);
      }
      return total;
    };
    const squares = (errors: Float64Array | undefined) => sum((place) => (errors?.[place] ?? Number.NaN) ** 2);
    const orderings = evaluations / units;
    const ofReference = squares(reference.standardErrors);
    const ofPlain = (squares(plain.standardErrors) * (referenceOrderings / 4)) / orderings;
    let [ofLeverage, covered, evaluating, fitting] = [0, 0, 0, 0];
    for (let seed = 1; seed <= seeds; seed++) {
      const start = performance.now();
      let last = start;
      const part = scoreOf(game, q, () => {
        last = performance.now();
      });
      const modes = await shapley(part, { estimator: "leverage", evaluations, seed, signal });
      fitting += (performance.now() - last) / 1000 / seeds;
      evaluating += (last - start) / 1000 / seeds;
      const errorAt = (place: number, own: number) => modes.values[own] - reference.values[place];
      ofLeverage += (sum((place, own) => errorAt(place, own) ** 2) - ofReference) / seeds;
      const within = (place: number, own: number) =>
        Math.abs(errorAt(place, own)) <=
        2 * Math.hypot(modes.standardErrors?.[own] ?? Number.NaN, reference.standardErrors?.[place] ?? Number.NaN);
      covered += sum((place, own) => (within(place, own) ? 1 : 0)) / (seeds * units * classes);
    }
    rows.push({
      network: name,
      score: scores[q],
      evaluations,
      antithetic: ofPlain / ((ofReference * referenceOrderings) / orderings),
      leverage: ofPlain / ofLeverage,
      aim: rest.aims?.[q] ?? null,
      coverage: covered,
      evaluating,
      fitting,
    });
  }
  return rows;
}

/** All scores at once, `[3, classes]`. */
function ofClasses(labels: ArrayLike<number>): OutputScore {
  const counts = new Float64Array(classes);
  for (let b = 0; b < labels.length; b++) counts[labels[b]]++;
  return (output) => {
    const value = new Float64Array(scores.length * classes);
    for (let b = 0; b < labels.length; b++) {
      const row = output.subarray(b * classes, (b + 1) * classes);
      const own = labels[b];
      const largest = Math.max(...row);
      let sum = 0;
      for (const logit of row) sum += Math.exp(logit - largest);
      value[own] += Math.exp(row[own] - largest) / sum;
      value[classes + own] += largest + Math.log(sum) - row[own];
      if (row.indexOf(largest) === own) value[2 * classes + own]++;
    }
    return Array.from(value, (total, i) => total / counts[i % classes]);
  };
}

/** One of the scores as a game of its own. */
function scoreOf(game: Game, q: number, evaluated: () => void): Game {
  return {
    units: game.units,
    outputShape: [classes],
    async evaluate(coalitions: Coalitions, signal?: AbortSignal) {
      const values = await game.evaluate(coalitions, signal);
      const own = new Float64Array(coalitions.count * classes);
      for (let c = 0; c < coalitions.count; c++) {
        const from = (c * scores.length + q) * classes;
        own.set(values.subarray(from, from + classes), c * classes);
      }
      evaluated();
      return own;
    },
  };
}

function rowText(row: Row): string {
  const { network, score, evaluations, antithetic, leverage, aim, coverage, evaluating, fitting } = row;
  return [
    network.padEnd(13) + score.padEnd(16) + String(evaluations).padEnd(13),
    antithetic.toFixed(1).padEnd(12) + leverage.toFixed(1).padEnd(10) + String(aim ?? "-").padEnd(5),
    `${coverage.toFixed(3).padEnd(17)}${`${short(evaluating)} s`.padEnd(12)}${short(fitting)} s`,
  ].join("");
}
