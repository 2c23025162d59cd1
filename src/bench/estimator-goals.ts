import { loadInputs } from "../datasets/inputs.js";
import type { Json, JsonObject } from "../json.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { loadMlp } from "../networks/mlp/file.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import { publishedNetworks } from "../networks/mlp/msa-xai-folder.js";
import { classScores, classViews } from "./class-scores.js";
import { type Convergence, convergence, convergenceHead, convergenceRow } from "./convergence.js";
import type { Answer, Question } from "./question.js";

const inputs = "mnist-test:0-511";
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

/** How far leverage comes on networks of the paper's size. */
export const estimatorGoals: Question = {
  name: "goals",
  asks: "how many times less variance than plain orderings has leverage on networks of 100 units, for as many evaluations?",
  async answer(signal: AbortSignal, seeds?: number): Promise<Answer> {
    const folder = process.env.MSA_XAI_DIR;
    const rows: Convergence[] = [];
    for (const each of await casesOf(folder)) {
      rows.push(...(await measure(seeds === undefined ? each : { ...each, seeds }, signal)));
    }
    const [first] = rows;
    return {
      figure: { value: 1 / first.leverage, unit: "of the variance", of: `leverage, ${first.name}` },
      baseline: { value: 1, unit: "of the variance", of: `plain orderings, ${first.evaluations} evaluations` },
      ratio: first.leverage,
      ...(first.aim !== null && { target: { ratio: first.aim } }),
      lines: [
        ...(folder
          ? []
          : ["left out  the published networks (MSA_XAI_DIR names no folder): a smaller one, fewer evaluations"]),
        "over      512 images; of each class the mean over its images; against a long run of antithetic orderings, whose own variance is taken out",
        convergenceHead,
        ...rows.map(convergenceRow),
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

async function measure(each: Case, signal: AbortSignal): Promise<Convergence[]> {
  const { name, network, evaluations, seeds, referenceOrderings: orderings } = each;
  const data = loadInputs(inputs);
  const game = await mlpGame(network, data, { score: classScores(data.labels) });
  const views = classViews(name, each.aims);
  return convergence(game, views, { evaluations, seeds, orderings, signal });
}
