import { communities } from "../../analysis/communities.js";
import { type HierarchyOptions, hierarchy, type MeasuredHierarchy } from "../../analysis/hierarchy.js";
import { layerGroups } from "../../analysis/layers.js";
import { interruption } from "../../engine/runs/interruption.js";
import { memoryOf, settingsOf } from "../../engine/runs/settings.js";
import { shapley } from "../../engine/shapley.js";
import type { Game } from "../../games/game.js";
import { has } from "../../kinds.js";
import { generatorGame } from "../../lesion/generator-game.js";
import { generatorCheckpoint, listGenerators } from "../../networks/dcgan/checkpoints.js";
import { rotatedGenerator, shuffledGenerator } from "../../networks/dcgan/controls.js";
import type { Generator } from "../../networks/dcgan/generator.js";
import { knownOptions } from "../../options.js";
import { type PlayGanOptions, playOptions } from "./play.js";
import type { GanSettings } from "./settings.js";

/** A generator played as the controls are, and what its modes are like. */
export interface GanControl {
  readonly name: string;
  readonly generator: Generator;
  readonly hierarchy: MeasuredHierarchy;
  /** Modularity of its communities of filters, the colours left out, at the resolution of `communities`. */
  readonly modularity: number;
}

/** The controls, and what to compare them with. */
export interface GanControls {
  /** The network itself with the faces and orderings of the controls: as much sampling error in it as in these. */
  readonly reference: GanControl;
  readonly controls: readonly GanControl[];
}

/** Runs of the Louvain method for the modularity of a control: it hardly differs between runs. */
const communityRuns = 10;

/**
 * The controls of the experiment and the network itself, each played and measured alike, with the faces and orderings
 * of `settings.controls`:
 *
 * - scrambled faces: trained in the same way as the profile's generator, on images with the spectra of faces and none
 *   of their shapes (`scrambledImages`); only where the network is the profile's generator
 * - rotated weights: the network's own, with what its layers have agreed on destroyed (`rotatedGenerator`)
 * - shuffled weights: the network's own in random places (`shuffledGenerator`)
 *
 * Where several workers would need more memory than the experiment's own game may take, one plays.
 */
export async function ganControls(
  generator: Generator,
  settings: GanSettings,
  options: PlayGanOptions & Pick<HierarchyOptions, "contours"> = {},
): Promise<GanControls> {
  knownOptions("ganControls", options, {
    seed: true,
    workers: true,
    signal: true,
    progress: true,
    onRemark: true,
    contours: true,
  });
  has("generator", generator, "a Generator", "layers", "latents");
  const { seed = 1, contours, signal: wanted, workers = 1, ...rest } = options;
  const signal = interruption(wanted);
  const { faces, orderings } = settings.controls;
  const stop = signal ? { signal } : {};
  const play = async (name: string, network: Generator): Promise<GanControl> => {
    const game = generatorGame(network, { faces, seed });
    const run = { estimator: "antithetic", orderings, seed, ...rest, ...stop } as const;
    const modes = await shapley(game, { ...run, workers: threads(game, settings, workers) });
    const measured = await hierarchy(modes, { seed, ...(contours === undefined ? {} : { contours }), ...stop });
    const units = Object.values(layerGroups(modes.units)).slice(0, -1).flat();
    const { modularity } = await communities(modes, { units, runs: communityRuns, nulls: 1, seed, ...stop });
    return { name, generator: network, hierarchy: measured, modularity };
  };
  const reference = await play("The network itself", generator);
  const controls: GanControl[] = [];
  for (const [name, make] of controlsOf(generator, settings, seed)) controls.push(await play(name, await make()));
  return { reference, controls };
}

/** As many threads as asked for, or one where that many need too much memory. */
function threads(game: Game, settings: GanSettings, workers: number): number {
  const { estimator, memory } = playOptions(settings);
  const run = settingsOf(game, { estimator, orderings: settings.controls.orderings, workers });
  return memoryOf(run.estimator, run.request, run.workers) > memory ? 1 : workers;
}

type Make = () => Generator | Promise<Generator>;

function controlsOf(generator: Generator, settings: GanSettings, seed: number): (readonly [string, Make])[] {
  const scrambled = scrambledOf(generator, settings);
  return [
    ...(scrambled === undefined ? [] : [["Trained on scrambled faces", () => generatorCheckpoint(scrambled)] as const]),
    ["Rotated weights", () => rotatedGenerator(generator, { seed })],
    ["Shuffled weights", () => shuffledGenerator(generator, { seed })],
  ];
}

/**
 * The profile's generator of scrambled faces, if it is a control for this one: trained alike, with as many layers and
 * filters.
 */
export function scrambledOf(
  { sha256, layers, filters }: Generator,
  { checkpoint, scrambled }: GanSettings,
): string | undefined {
  if (checkpoint === undefined || scrambled === undefined) return undefined;
  const { [checkpoint]: own, [scrambled]: other } = listGenerators();
  const alike = other?.recipe.layers === layers && other.recipe.filters === filters;
  return alike && sha256 !== undefined && sha256 === own?.sha256 ? scrambled : undefined;
}
