import { coalitionsOfPairs, complementPairs } from "../coalitions/complement-pairs.js";
import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import { designOf } from "../estimators/regression/design.js";
import { Regression } from "../estimators/regression/fit.js";
import { makeEfficient } from "../estimators/regression/outcome.js";
import { type SizeTermKind, sizeTerms } from "../estimators/regression/size-terms.js";
import { TripleScreening } from "../estimators/regression/triple-screening.js";
import { evaluateFinite } from "../estimators/walk.js";
import { type Game, outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { mlpGame } from "../lesion/mlp-game.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { atOnce } from "../pace.js";
import { classScore, classScoreNames } from "./class-scores.js";
import type { Answer, Question } from "./question.js";

const width = 15;
const budgets = [260, 780, 2340] as const;
const usualSeeds = 8;
const inputs = "mnist-test:0-255";
const ways = ["antithetic", "units alone", "units, triples", "size", "unit x size^2", "leverage"] as const;
type Way = (typeof ways)[number];

/** Which term of the regression brings how much, beside plain and antithetic orderings. */
export const estimatorTerms: Question = {
  name: "terms",
  asks: `how many times less variance than plain orderings has each set of terms, for as many evaluations (${width} units, 256 images)?`,
  async answer(signal: AbortSignal, seeds = usualSeeds): Promise<Answer> {
    const network = await checkpoint({ width, regulariser: "none", trial: 0 });
    const data = loadInputs(inputs);
    const rows: ({ score: string; evaluations: number } & Errors)[] = [];
    for (const score of classScoreNames) {
      const game = await mlpGame(network, data, { score: classScore(data.labels, score) });
      const exact = await shapley(game, { estimator: "exact", signal });
      for (const evaluations of budgets) {
        rows.push({ score, evaluations, ...(await errorsOf(game, exact, evaluations, seeds, signal)) });
      }
    }
    const { permutation, errors } = rows[budgets.length - 1];
    const last = `${budgets[budgets.length - 1]} evaluations, ${classScoreNames[0]}`;
    return {
      figure: { value: errors.leverage, unit: "mean squared error", of: `leverage, ${last}` },
      baseline: { value: permutation, unit: "mean squared error", of: `permutation, ${last}` },
      ratio: permutation / errors.leverage,
      target: { ratio: 80 },
      lines: [
        `over      ${seeds} seeds, against exact values; "units alone" is leverage sampling as published, each column to its right adds terms`,
        `score            evaluations  ${ways.map((way) => way.padEnd(15)).join("")}within 2 errors`,
        ...rows.map(
          ({ score, evaluations, permutation, errors, coverage }) =>
            score.padEnd(17) +
            String(evaluations).padEnd(13) +
            ways.map((way) => (permutation / errors[way]).toFixed(1).padEnd(15)).join("") +
            coverage.toFixed(3),
        ),
      ],
      numbers: { inputs, seeds, width, rows: rows.map((row) => ({ ...row, errors: { ...row.errors } }) as JsonObject) },
    };
  },
};

/**
 * Mean squared errors of plain orderings and of each way, and how many values of `leverage` are within two of its
 * standard errors.
 */
interface Errors {
  permutation: number;
  errors: Record<Way, number>;
  coverage: number;
}

async function errorsOf(
  game: Game,
  exact: ShapleyModes,
  evaluations: number,
  seeds: number,
  signal: AbortSignal,
): Promise<Errors> {
  const squares: Errors = {
    coverage: 0,
    permutation: 0,
    errors: Object.fromEntries(ways.map((way) => [way, 0])) as Record<Way, number>,
  };
  const squared = (values: Float64Array) =>
    values.reduce((sum, value, i) => sum + (value - exact.values[i]) ** 2, 0) / values.length / seeds;
  for (let seed = 0; seed < seeds; seed++) {
    for (const estimator of ["permutation", "antithetic", "leverage"] as const) {
      const { values, standardErrors } = await shapley(game, { estimator, evaluations, seed, signal });
      if (estimator === "permutation") squares.permutation += squared(values);
      else squares.errors[estimator] += squared(values);
      if (estimator !== "leverage" || !standardErrors) continue;
      const within = values.filter((value, i) => Math.abs(value - exact.values[i]) <= 2 * standardErrors[i] + 1e-12);
      squares.coverage += within.length / values.length / seeds;
    }
    for (const [way, values] of await regressions(game, exact.total(), evaluations, seed, signal)) {
      squares.errors[way] += squared(values);
    }
  }
  return squares;
}

/** The regression with some terms alone, all on the pairs that `leverage` draws. */
async function regressions(
  game: Game,
  total: Float64Array,
  evaluations: number,
  seed: number,
  signal: AbortSignal,
): Promise<[Way, Float64Array][]> {
  const { units } = game;
  const outputs = outputSize(game.outputShape);
  const pairs = complementPairs(units.length, Math.floor((evaluations - 2) / 2), seed);
  const rows = coalitionsOfPairs(pairs.sets, 0, pairs.sizes.length);
  const v = await evaluateFinite(game, rows, outputs, signal);
  const targets = Float64Array.from({ length: pairs.sizes.length * outputs }, (_, i) => {
    const at = 2 * Math.floor(i / outputs) * outputs + (i % outputs);
    return (v[at] - v[at + outputs]) / 2;
  });
  const design = designOf(pairs);
  const regression = atOnce(Regression.of(design, sizeTerms(design)));
  const fitted = (kind: SizeTermKind) => atOnce(regression.fit(kind, targets, outputs));
  const alone = fitted("units");
  // With a ridge, as published.
  const screening = atOnce(TripleScreening.of(design, regression.terms, "units"));
  atOnce(screening.add(alone, outputs));
  const fits = atOnce(atOnce(screening.chosen()).of(alone, outputs));
  const { explained, values: ofTriples } = fits[fits.length - 1];
  const rest = atOnce(
    regression.fit(
      "units",
      targets.map((target, i) => target - explained[i]),
      outputs,
    ),
  ).values;
  const found: [Way, Float64Array][] = [
    ["units alone", alone.values],
    ["units, triples", rest.map((value, i) => value + ofTriples[i])],
    ["size", fitted("size").values],
    ["unit x size^2", fitted("unit x size^2").values],
  ];
  for (const [, values] of found) makeEfficient(values, total, units.length);
  return found;
}
