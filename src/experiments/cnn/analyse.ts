import { pearson } from "../../analysis/correlation.js";
import { averageModes } from "../../analysis/inference/average-modes.js";
import { type Concentration, concentration } from "../../analysis/inference/concentration-intervals.js";
import { contributionTable } from "../../analysis/inference/contribution-table.js";
import { type CorrectedInterval, statisticInterval } from "../../analysis/inference/statistic-interval.js";
import { unitsByLayer } from "../../analysis/layers.js";
import { type ShapleyOptions, shapley } from "../../engine/shapley.js";
import { has } from "../../kinds.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import type { Regulariser } from "../../networks/mlp/regulariser.js";
import type { Network } from "../../networks/network.js";
import type { Residual } from "../../networks/residual/residual.js";
import { topAndRest, type UnitStatistics, unitStatistics } from "../regularisers/unit-statistics.js";
import { cnnAccuracies, cnnGame } from "./game.js";
import type { CnnImages } from "./images.js";
import { channelMagnitudes } from "./magnitudes.js";
import type { CnnSettings } from "./settings.js";
import type { CnnSource } from "./sources.js";

/** The channels of one block. */
export interface BlockAnalysis extends UnitStatistics {
  /** Name of its site. */
  readonly block: string;
  /** How many channels. */
  readonly width: number;
  /** How concentrated the work is among them, with intervals. */
  readonly concentration: Concentration;
  /** The index of distributed computation for each class alone, with intervals. */
  readonly outputConcentrations: readonly CorrectedInterval[];
  /** Pearson's r of weights and contributions, with its interval. */
  readonly weightCorrelationInterval: CorrectedInterval;
  /** What they contribute together, mean over the classes. */
  readonly together: number;
}

/** What the figures need to know of one network. */
export interface CnnAnalysis extends UnitStatistics {
  readonly regulariser: Regulariser;
  readonly trial: number;
  readonly origin: CnnSource["origin"];
  /** Channels of all blocks. */
  readonly width: number;
  /**
   * `[channels, classes]`: what each channel contributes to the accuracy of each class, the mean of the runs, which are
   * its blocks.
   */
  readonly modes: ShapleyModes;
  /** Largest efficiency gap of the runs. */
  readonly efficiencyGap: number;
  /** Evaluations of v in all runs. */
  readonly evaluations: number;
  /** How concentrated the work is, with intervals over the runs: over coalitions and images, not over networks. */
  readonly concentration: Concentration;
  /** Pearson's r of weights and contributions, with its interval over the runs. */
  readonly weightCorrelationInterval: CorrectedInterval;
  readonly blocks: readonly BlockAnalysis[];
  /** Images that `accuracy` was measured on. */
  readonly testImages: number;
  /** Accuracy on the test images, intact, without the top fifth of the channels, and with these alone. */
  readonly accuracy: { readonly intact: number; readonly topLesioned: number; readonly restLesioned: number };
  /** How many channels the top fifth is. */
  readonly top: number;
}

/** Share of the units that figure A1 lesions: the paper's 40 of 200. */
const topShare = 0.2;

/**
 * What each channel of a network does: several runs, each of coalitions and images of its own, and their mean.
 *
 * @param options seed of the first run, and those of `shapley` that change nothing of the numbers
 */
export async function analyseCnn(
  source: CnnSource,
  loaded: { readonly network: Network; readonly residual: Residual },
  images: CnnImages,
  settings: CnnSettings,
  options: Pick<ShapleyOptions, "workers" | "signal"> & { readonly seed: number },
): Promise<CnnAnalysis> {
  has("source", source, "a CnnSource", "regulariser", "trial");
  const { network, residual } = loaded;
  const { seed, ...rest } = options;
  const { estimator, evaluations, orderings } = settings;
  const runs: ShapleyModes[] = [];
  for (let run = 0; run < settings.runs; run++) {
    const game = await cnnGame(network, await images.ofRun(run, settings.images));
    try {
      const budget = orderings === undefined ? { evaluations: evaluations as number } : { orderings };
      runs.push(await shapley(game, { ...rest, ...budget, estimator, seed: (seed + run) % 2 ** 32, progress: false }));
    } finally {
      game.dispose();
    }
  }
  const modes = averageModes(runs);
  const { values: magnitudes } = channelMagnitudes(residual);
  const statistics = unitStatistics(modes, magnitudes);
  const width = modes.units.length;
  const ranked = topAndRest(statistics.contributions, Math.round(topShare * width));
  const all = [...ranked.top, ...ranked.rest];
  const test = await images.test(settings.testImages);
  const [intact, topLesioned, restLesioned] = await cnnAccuracies(network, test, [all, ranked.rest, ranked.top]);
  return {
    regulariser: source.regulariser,
    trial: source.trial,
    origin: source.origin,
    width,
    modes,
    efficiencyGap: Math.max(...runs.map((run) => run.efficiencyGap)),
    evaluations: runs.reduce((sum, { provenance }) => sum + Number(provenance.evaluations), 0),
    ...statistics,
    concentration: concentration(modes),
    weightCorrelationInterval: correlationInterval(modes, statistics.weights),
    testImages: test.count,
    blocks: [...unitsByLayer(modes.units)].map(([block, units]): BlockAnalysis => {
      const own = modes.select(units);
      const statistics = unitStatistics(
        own,
        units.map((unit) => magnitudes[unit]),
      );
      const together = statistics.contributions.reduce((sum, value) => sum + value, 0);
      return {
        block,
        width: units.length,
        ...statistics,
        concentration: concentration(own),
        outputConcentrations: Array.from(
          { length: own.outputs },
          (_, o) => concentration(own.slice(o)).indexOfDistributedComputation,
        ),
        weightCorrelationInterval: correlationInterval(own, statistics.weights),
        together,
      };
    }),
    accuracy: { intact, topLesioned, restLesioned },
    top: ranked.top.length,
  };
}

/** Pearson's r of weights and contributions, with an interval of 95 % over the runs. */
function correlationInterval(modes: ShapleyModes, weights: readonly number[]): CorrectedInterval {
  const { values, blocks } = contributionTable(modes);
  return statisticInterval({ values, blocks, exact: false }, (c) => pearson(weights, c), [-1, 1], 0.95);
}
