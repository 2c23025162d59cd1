import { shapley } from "../engine/shapley.js";
import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { coverageGames, tabled } from "./coverage-games.js";
import type { Answer, Question } from "./question.js";

/** Pairs of coalitions for each unit. */
const budgets = [2, 3, 6, 12, 26] as const;
/** Of values whose errors are those of a normal distribution so many are within two of them. */
const normal = 0.9545;

/** What standard errors are worth, of one game and budget. */
interface Coverage {
  readonly game: string;
  readonly pairsPerUnit: number;
  /** Share of the values, over units, outputs and seeds, whose standard error is known. */
  readonly known: number;
  /** Share of these that are within two standard errors of the exact ones. */
  readonly within: number;
  /** The sum of the squares of standard errors, divided by that of errors. */
  readonly ratio: number;
}

/** Whether standard errors of `leverage` are as large as its errors. */
export const estimatorCoverage: Question = {
  name: "coverage",
  asks: "how many values are within two standard errors of leverage (closed-form games and networks of 15 and 21 units)?",
  async answer(signal: AbortSignal, seeds = 60): Promise<Answer> {
    const rows: Coverage[] = [];
    for (const [name, make] of Object.entries(coverageGames)) {
      const game = await tabled(await make(), signal);
      rows.push(...(await coverageOf(name, game, seeds, signal)));
    }
    const worst = rows.reduce((least, row) => (row.within < least.within ? row : least));
    return {
      figure: {
        value: 1 - worst.within,
        unit: "of the values beyond two errors",
        of: `${worst.game}, ${worst.pairsPerUnit} pairs for each unit`,
      },
      baseline: { value: 1 - normal, unit: "of the values beyond two errors", of: "a normal distribution" },
      ratio: (1 - normal) / (1 - worst.within),
      lines: [
        `over      ${seeds} seeds, against exact values; of the values whose errors are known, all but shares with a *; in brackets squares of standard errors divided by those of errors, inf where all are exact`,
        `pairs for each unit               ${budgets.map((pairs) => String(pairs).padEnd(14)).join("")}`,
        ...Object.keys(coverageGames).map(
          (name) =>
            name.padEnd(34) +
            rows
              .filter(({ game }) => game === name)
              .map(({ known, within, ratio }) =>
                `${within.toFixed(3)}${known < 1 ? "*" : ""} (${ratioText(ratio)})`.padEnd(14),
              )
              .join(""),
        ),
      ],
      numbers: { seeds, rows: rows.map((row) => ({ ...row }) as JsonObject) },
    };
  },
};

/** Errors of rounding are nothing to compare. */
function ratioText(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : "inf";
}

async function coverageOf(name: string, game: Game, seeds: number, signal: AbortSignal): Promise<Coverage[]> {
  const exact = await shapley(game, { estimator: "exact", signal });
  const rows: Coverage[] = [];
  for (const pairsPerUnit of budgets) {
    const evaluations = 2 * pairsPerUnit * game.units.length + 2;
    let [known, within, squares, variances] = [0, 0, 0, 0];
    for (let seed = 1; seed <= seeds; seed++) {
      const { values, standardErrors } = await shapley(game, {
        ...{ estimator: "leverage", evaluations, seed, signal },
        onRemark() {},
      });
      values.forEach((value, i) => {
        const [error, standardError] = [Math.abs(value - exact.values[i]), standardErrors?.[i] ?? Number.NaN];
        if (Number.isNaN(standardError)) return;
        known++;
        if (error <= 2 * standardError + 1e-12) within++;
        squares += error ** 2;
        variances += standardError ** 2;
      });
    }
    rows.push({
      game: name,
      pairsPerUnit,
      known: known / (seeds * exact.values.length),
      within: within / known,
      // What is below rounding is exact.
      ratio: squares < 1e-20 * known ? Number.POSITIVE_INFINITY : variances / squares,
    });
  }
  return rows;
}
