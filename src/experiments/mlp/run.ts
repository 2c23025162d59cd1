import { loadInputs } from "../../datasets/inputs.js";
import { interruption } from "../../engine/interruption.js";
import type { EstimatorName } from "../../estimators/estimators.js";
import { analyseMlp, type LesionedAccuracy, lesionByRank, type MlpAnalysis } from "./analyse.js";
import { type MlpProfile, mlpSources, profileOrderings } from "./networks.js";

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
  readonly signal?: AbortSignal;
  /** Called when a network has been analysed. */
  readonly onNetwork?: (progress: { readonly done: number; readonly total: number; readonly name: string }) => void;
}

/** The paper's MLP experiment (METHOD, section 2), computed. */
export interface MlpExperiment {
  readonly profile: MlpProfile;
  readonly orderings: number;
  readonly seed: number;
  /** One entry per network, in the order regulariser, width, trial. */
  readonly analyses: readonly MlpAnalysis[];
  /** Of the widest networks. */
  readonly lesioned: readonly LesionedAccuracy[];
}

/** Share of the units that figure A1 lesions: the paper's 40 of 200. */
const topShare = 0.2;

/**
 * Analyses every network of a profile: Shapley Modes of its hidden units for the precision of the ten digits on the first
 * 1024 test images, and, for the widest ones, accuracy on the whole test set after lesioning by rank.
 */
export async function runMlpExperiment(options: MlpExperimentOptions = {}): Promise<MlpExperiment> {
  const { profile = "default", seed = 1, estimator = "permutation", onNetwork } = options;
  const sources = mlpSources(profile, options.publishedFolder);
  const orderings = options.orderings ?? profileOrderings[profile];
  const signal = interruption(options.signal);
  const inputs = loadInputs("mnist-test:0-1023");
  const testSet = loadInputs("mnist-test");
  const widest = Math.max(...sources.map((source) => source.width));

  const analyses: MlpAnalysis[] = [];
  const lesioned: LesionedAccuracy[] = [];
  for (const source of sources) {
    signal?.throwIfAborted();
    const mlp = await source.load(signal);
    const analysis = await analyseMlp(source, mlp, inputs, { estimator, orderings, seed, ...(signal && { signal }) });
    analyses.push(analysis);
    if (source.width === widest) {
      lesioned.push(await lesionByRank(analysis, mlp, testSet, Math.round(topShare * widest)));
    }
    const name = `${source.regulariser} n=${source.width} trial ${source.trial}`;
    onNetwork?.({ done: analyses.length, total: sources.length, name });
  }
  return { profile, orderings, seed, analyses, lesioned };
}
