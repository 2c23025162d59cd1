import { numberedCoalitions } from "../coalitions/coalition.js";
import { loadInputs } from "../datasets/inputs.js";
import { gloveGame, majorityGame, unanimityGame } from "../games/closed-form.js";
import { gameFrom } from "../games/from-function.js";
import { type Game, outputSize } from "../games/game.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { classScore, type classScoreNames } from "./class-scores.js";

const units = 15;
const inputs = "mnist-test:0-255";
/** Coalitions that a table is filled with at a time. */
const atOnce = 1024;

const sum = (weights: readonly number[], members: readonly number[]) =>
  members.reduce((total, unit) => total + weights[unit], 0);
/** Spread over 0 to 1. */
const weights = Array.from({ length: units }, (_, u) => (0.13 + u * 0.618034) % 1);
const signed = weights.map((weight) => 2 * weight - 1);
const half = weights.reduce((total, weight) => total + weight, 0) / 2;
const first = (count: number) => Array.from({ length: count }, (_, unit) => unit);

/**
 * Games with a kink or a step at a sum: of high order on all units, so that triples chosen on a sample fit its chance.
 */
export const thresholdGames: Readonly<Record<string, () => Promise<Game>>> = {
  majority: async () => majorityGame(units),
  "weighted vote": () => gameFrom(units, ({ indices }) => (sum(weights, indices) > half ? 1 : 0)),
  "relu of a sum": () => gameFrom(units, ({ indices }) => Math.max(0, sum(signed, indices))),
};

/** Games by which standard errors are tried. */
export const coverageGames: Readonly<Record<string, () => Promise<Game>>> = {
  ...thresholdGames,
  "tanh of a sum": () => gameFrom(units, ({ indices }) => Math.tanh(sum(signed, indices))),
  "majority, 21 units": async () => majorityGame(21),
  "unanimity of 3": async () => unanimityGame(units, first(3)),
  "unanimity of 5": async () => unanimityGame(units, first(5)),
  "gloves, 6 and 9": async () => gloveGame(6, 9),
  "gloves, 2 and 13": async () => gloveGame(2, 13),
  "network, probability": () => networkOf("none", "probability"),
  "network, cross-entropy": () => networkOf("none", "cross-entropy"),
  "network, class accuracy": () => networkOf("none", "class accuracy"),
  "network with L1, class accuracy": () => networkOf("l1", "class accuracy"),
};

async function networkOf(regulariser: "none" | "l1", score: (typeof classScoreNames)[number]): Promise<Game> {
  const data = loadInputs(inputs);
  return mlpGame(await checkpoint({ width: units, regulariser, trial: 0 }), data, {
    score: classScore(data.labels, score),
  });
}

/** The same game, all of whose coalitions are evaluated once. */
export async function tabled(game: Game, signal: AbortSignal): Promise<Game> {
  const outputs = outputSize(game.outputShape);
  const all = 2 ** game.units.length;
  const table = new Float64Array(all * outputs);
  for (let from = 0; from < all; from += atOnce) {
    const rows = numberedCoalitions(game.units.length, from, Math.min(all, from + atOnce));
    table.set(await game.evaluate(rows, signal), from * outputs);
    signal.throwIfAborted();
  }
  return {
    units: game.units,
    outputShape: game.outputShape,
    async evaluate({ count, words }) {
      const values = new Float64Array(count * outputs);
      for (let c = 0; c < count; c++) {
        values.set(table.subarray(words[c] * outputs, (words[c] + 1) * outputs), c * outputs);
      }
      return values;
    },
  };
}
