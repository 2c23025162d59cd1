import { loopProgress } from "../../engine/progress/loop-progress.js";
import { InterruptedError, interruption } from "../../engine/runs/interruption.js";
import { positiveInteger, validSeed } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { analyseCnn, type CnnAnalysis } from "./analyse.js";
import { cnnImages } from "./images.js";
import { type CnnProfile, type CnnSettings, cnnSettings } from "./settings.js";
import { cnnSources } from "./sources.js";

/** Options of {@link runCnnExperiment}. */
export interface CnnExperimentOptions {
  /** How much; default "default". */
  readonly profile?: CnnProfile;
  /** Default 1: of the first run of each network; the others count on. */
  readonly seed?: number;
  /** For the profile "paper": a folder for the networks that are trained, which are then read from there. */
  readonly keep?: string;
  /** For the profile "paper": the folder of Imagenette; default the environment variable IMAGENETTE_DIR. */
  readonly imagenette?: string;
  /** Worker threads that share the coalitions; default 1. The results do not depend on it. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Shows how many networks are done, as `ShapleyOptions.progress` says; default in a notebook only. */
  readonly progress?: boolean;
}

/** The names of `CnnExperimentOptions`. */
export const cnnExperimentOptionNames: OptionNames<CnnExperimentOptions> = {
  profile: true,
  seed: true,
  keep: true,
  imagenette: true,
  workers: true,
  signal: true,
  progress: true,
};

/** The convolution experiment, computed. */
export interface CnnExperiment {
  readonly profile: CnnProfile;
  readonly seed: number;
  readonly settings: CnnSettings;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** One entry per network, in the order regulariser, trial. */
  readonly analyses: readonly CnnAnalysis[];
}

/**
 * Analyses the convolution networks of a profile, trained with L1, L2 and neither: Shapley Modes of the 248 channels of
 * their blocks for the accuracy of the ten classes, in several runs with coalitions and images of their own.
 *
 * @throws RangeError, TypeError for options out of range, and for "paper" without `keep` or Imagenette;
 *   InterruptedError where the signal, or interrupting the cell, stopped it
 */
export async function runCnnExperiment(options: CnnExperimentOptions = {}): Promise<CnnExperiment> {
  knownOptions("runCnnExperiment", options, cnnExperimentOptionNames);
  const { profile = "default", keep, imagenette } = options;
  const seed = validSeed(options.seed ?? 1);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const settings = cnnSettings(profile);
  const sources = cnnSources(profile, keep, imagenette);
  const images = cnnImages(profile, imagenette);
  const signal = interruption(options.signal);
  const shown = loopProgress("CNN experiment", "networks", sources.length, options.progress, signal);
  const analyses: CnnAnalysis[] = [];
  let ended: "done" | "stopped" = "stopped";
  try {
    for (const source of sources) {
      signal?.throwIfAborted();
      const loaded = await source.load(signal);
      const how = { seed, workers, ...(signal && { signal }) };
      analyses.push(await analyseCnn(source, loaded, images, settings, how));
      shown.step();
    }
    ended = "done";
  } catch (error) {
    if (!signal?.aborted) throw error;
    const progress = `after ${analyses.length} of ${sources.length} networks`;
    throw new InterruptedError(progress, "their analyses are not kept", { cause: signal.reason });
  } finally {
    shown.end(ended);
  }
  return { profile, seed, settings, classes: images.classes, analyses };
}
