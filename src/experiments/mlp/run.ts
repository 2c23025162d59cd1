import { loopProgress } from "../../engine/progress/loop-progress.js";
import { InterruptedError, interruption } from "../../engine/runs/interruption.js";
import { inThreads } from "../../engine/threads/worker-pool.js";
import { positiveInteger } from "../../errors.js";
import type { EstimatorName } from "../../estimators/registry.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { builtModule } from "../../package.js";
import { backendInUse } from "../../tensors/backend.js";
import type { LesionedAccuracy, MlpAnalysis } from "./analyse.js";
import { type NetworkResult, type NetworkWork, networkAnalyser } from "./network-analyser.js";
import { type MlpProfile, type MlpSource, mlpSources, profileOrderings } from "./sources.js";

/** Options of {@link runMlpExperiment}. */
export interface MlpExperimentOptions {
  /** How many networks; default "default". */
  readonly profile?: MlpProfile;
  /** Orderings for each network; default 1000, in "smoke" 200. */
  readonly orderings?: number;
  /** Default "permutation", the paper's. */
  readonly estimator?: EstimatorName;
  /** Default 1; every network is analysed with this seed. */
  readonly seed?: number;
  /** The authors' folder, for the profile "paper"; default the environment variable MSA_XAI_DIR. */
  readonly publishedFolder?: string;
  /**
   * Worker threads that share the networks, about 200 MB of memory each; default 1, which computes in this thread. The
   * results do not depend on it.
   */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Shows how many networks are done, as `ShapleyOptions.progress` says; default in a notebook only. */
  readonly progress?: boolean;
  /** Called when a network has been analysed. */
  readonly onNetwork?: (progress: { readonly done: number; readonly total: number; readonly name: string }) => void;
}

/** The names of `MlpExperimentOptions`. */
export const mlpExperimentOptionNames: OptionNames<MlpExperimentOptions> = {
  profile: true,
  orderings: true,
  estimator: true,
  seed: true,
  publishedFolder: true,
  workers: true,
  signal: true,
  progress: true,
  onNetwork: true,
};

/** The paper's MLP experiment (arXiv 2506.19732, experiment A), computed. */
export interface MlpExperiment {
  readonly profile: MlpProfile;
  readonly orderings: number;
  readonly seed: number;
  /** One entry per network, in the order regulariser, width, trial. */
  readonly analyses: readonly MlpAnalysis[];
  /** Of the widest networks. */
  readonly lesioned: readonly LesionedAccuracy[];
}

/**
 * Analyses every network of a profile: Shapley Modes of its hidden units for the precision of the ten digits on the
 * first 1024 test images, and, for the widest ones, accuracy on the whole test set after lesioning by rank.
 *
 * @throws InterruptedError where the signal, or interrupting the cell, stopped it
 */
export async function runMlpExperiment(options: MlpExperimentOptions = {}): Promise<MlpExperiment> {
  knownOptions("runMlpExperiment", options, mlpExperimentOptionNames);
  const { profile = "default", seed = 1, estimator = "permutation", publishedFolder, onNetwork } = options;
  const workers = positiveInteger("workers", options.workers ?? 1);
  const sources = mlpSources(profile, publishedFolder);
  const orderings = options.orderings ?? profileOrderings[profile];
  const signal = interruption(options.signal);
  const work: NetworkWork = { profile, publishedFolder, estimator, orderings, seed, backend: backendInUse() };

  const analyses: MlpAnalysis[] = [];
  const lesioned: LesionedAccuracy[] = [];
  const shown = loopProgress("MLP experiment", "networks", sources.length, options.progress, signal);
  const results = workers > 1 ? networksInThreads(work, sources, workers, signal) : networksHere(work, sources, signal);
  let ended: "done" | "stopped" = "stopped";
  try {
    for await (const result of results) {
      const source = sources[analyses.length];
      analyses.push(result.analysis);
      if (result.lesioned) lesioned.push(result.lesioned);
      const name = `${source.regulariser} n=${source.width} trial ${source.trial}`;
      shown.step();
      onNetwork?.({ done: analyses.length, total: sources.length, name });
    }
    ended = "done";
  } catch (error) {
    if (!signal?.aborted) throw error;
    const progress = `after ${analyses.length} of ${sources.length} networks`;
    throw new InterruptedError(progress, "their analyses are not kept", { cause: signal.reason });
  } finally {
    shown.end(ended);
  }
  return { profile, orderings, seed, analyses, lesioned };
}

async function* networksHere(work: NetworkWork, sources: readonly MlpSource[], signal: AbortSignal | undefined) {
  const analyse = networkAnalyser(work, sources);
  for (const source of sources) {
    signal?.throwIfAborted();
    yield await analyse(source, signal);
  }
}

async function* networksInThreads(
  work: NetworkWork,
  sources: readonly MlpSource[],
  threads: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<NetworkResult> {
  const module = builtModule("experiments/mlp/network-analyser");
  const thread = { module, export: "prepareNetworks", context: work };
  for await (const { analysis, lesioned } of inThreads<NetworkResult>(thread, sources.keys(), {
    threads: Math.min(threads, sources.length),
    signal,
  })) {
    // Modes lose their class on the way.
    yield { analysis: { ...analysis, modes: new ShapleyModes(analysis.modes) }, lesioned };
  }
}
