import { allIntact, type Coalitions, coalitionsOf } from "../../coalitions/coalition.js";
import { randomOrdering } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { planToDisk } from "../../engine/disk-plan.js";
import type { Game } from "../../games/game.js";
import { partOf } from "../../games/part.js";
import { has } from "../../kinds.js";
import { averagedGenerator, initialState } from "../../networks/dcgan/training-state.js";
import { duration, sizeText } from "../../words.js";
import { ganNetwork, ganRecipe } from "./network.js";
import { ganGame, playOptions } from "./play.js";
import type { GanSettings } from "./settings.js";

/** What playing the game of the experiment costs. */
export interface GanCost {
  readonly units: number;
  readonly evaluations: number;
  /** Seconds with one thread here, at most: measured on a few coalitions, without what walking an ordering saves. */
  readonly seconds: number;
  /** Seconds for one image with all units intact. */
  readonly secondsPerPass: number;
  /** Bytes that the sums take, beside the network. */
  readonly memory: number;
  readonly disk: number;
}

/** Images that are timed: the kernel takes as long for one as for four. */
const timed = 4;
/** Shares of the units that are intact in the coalitions that are timed: the midpoints of three equal parts. */
const shares = [1 / 6, 1 / 2, 5 / 6];

/**
 * What playing the game of a profile costs on this machine: a few coalitions of four images, or of as many as there
 * are, are timed.
 *
 * @param game see `ganGame`
 * @param workers threads that will play it: they need memory
 */
export async function ganCost(game: Game, settings: GanSettings, workers = 1): Promise<GanCost> {
  has("game", game, "a Game", "units", "outputShape");
  const { faces, orderings } = settings;
  const some = Math.min(timed, faces);
  const part = partOf(game, 0, some);
  const { units } = game;
  const ordering = randomOrdering(randomStream(1), units.length);
  const coalitions = shares.map((share) =>
    coalitionsOf(units.length, [ordering.subarray(0, Math.round(share * units.length))]),
  );
  await part.evaluate(coalitions[0]);
  const seconds = async (rows: readonly Coalitions[]) => {
    const start = performance.now();
    for (const row of rows) await part.evaluate(row);
    return (performance.now() - start) / 1000 / rows.length / some;
  };
  const perEvaluation = await seconds(coalitions);
  const { evaluations, parts, memory, disk } = planToDisk(game, { ...playOptions(settings), workers });
  const secondsPerPass = await seconds([allIntact(units.length)]);
  part.dispose?.();
  return {
    units: units.length,
    evaluations: evaluations * parts,
    secondsPerPass,
    seconds: perEvaluation * faces * units.length * orderings,
    memory,
    disk,
  };
}

/** The cost in words. */
export function ganCostText(cost: GanCost, settings: GanSettings): string {
  has("cost", cost, "a GanCost", "units", "evaluations");
  has("settings", settings, "GanSettings", "faces", "orderings");
  const { faces, orderings } = settings;
  const { units, seconds, memory, disk } = cost;
  return (
    `${orderings} orderings of ${units} filters for ${faces} images: at most ${duration(seconds)} of one thread here, ` +
    `${sizeText(memory)} of memory beside the network, ${sizeText(disk)} on disk. ` +
    "It can be stopped, and goes on where it was."
  );
}

/**
 * What the experiment will cost, in words, before anything is trained or played: the game of the profile's network, or
 * of an untrained one of its size, and the training where there is none.
 *
 * @param network file of a generator; default the profile's
 */
export async function ganCostAhead(settings: GanSettings, network = "", workers = 1): Promise<string> {
  const trained = network !== "" || settings.checkpoint !== undefined;
  const recipe = ganRecipe(settings);
  const generator = trained
    ? await ganNetwork(settings, { network })
    : averagedGenerator(recipe, initialState(recipe, recipe.discriminator, 1));
  const cost = await ganCost(ganGame(generator, settings), settings, workers);
  const played = ganCostText(cost, settings);
  if (trained) return played;
  const hours = (recipe.images * trainingPasses * cost.secondsPerPass) / 3600;
  const training = `Training first, on ${recipe.images.toLocaleString("en")} images: some ${duration(3600 * hours)} of one thread here`;
  return `${training} (give a network to leave it out; it goes on where it was). Then ${played}`;
}

/**
 * Passes of a generator that training it on an image costs: three of its own, forwards and twice that backwards, one
 * more for the discriminator's images, and eight of the discriminator, which is about as large.
 */
const trainingPasses = 12;
