import { type LabelledInputs, loadInputs } from "../../datasets/inputs.js";
import type { RunTask } from "../../engine/threads/worker.js";
import type { EstimatorName } from "../../estimators/registry.js";
import { type BackendName, loadTensorflow } from "../../tensors/backend.js";
import { analyseMlp, type LesionedAccuracy, lesionByRank, type MlpAnalysis } from "./analyse.js";
import { type MlpProfile, type MlpSource, mlpSources } from "./sources.js";

/** What is done with each network of the experiment. */
export interface NetworkWork {
  readonly profile: MlpProfile;
  readonly publishedFolder: string | undefined;
  readonly estimator: EstimatorName;
  readonly orderings: number;
  readonly seed: number;
  /** What computes tensors in the first thread, where it has been decided; else the best that loads. */
  readonly backend: BackendName | undefined;
}

/** What comes of one network. */
export interface NetworkResult {
  readonly analysis: MlpAnalysis;
  /** Of the widest networks. */
  readonly lesioned: LesionedAccuracy | undefined;
}

/** Share of the units that figure A1 lesions: the paper's 40 of 200. */
const topShare = 0.2;

/** A function that analyses the networks of a profile, one by one. Inputs are loaded when first needed. */
export function networkAnalyser(work: NetworkWork, sources: readonly MlpSource[]) {
  const { estimator, orderings, seed } = work;
  const widest = Math.max(...sources.map((source) => source.width));
  let inputs: LabelledInputs | undefined;
  let testSet: LabelledInputs | undefined;
  return async (source: MlpSource, signal?: AbortSignal): Promise<NetworkResult> => {
    const mlp = await source.load(signal);
    inputs ??= loadInputs("mnist-test:0-1023");
    const analysis = await analyseMlp(source, mlp, inputs, {
      estimator,
      orderings,
      seed,
      progress: false,
      ...(signal && { signal }),
    });
    if (source.width < widest) return { analysis, lesioned: undefined };
    testSet ??= loadInputs("mnist-test");
    const lesioned = await lesionByRank(analysis, mlp, testSet, Math.round(topShare * widest));
    return { analysis, lesioned };
  };
}

/** What a worker thread does: a task is the network of that number. */
export async function prepareNetworks(work: NetworkWork): Promise<RunTask<NetworkResult>> {
  if (work.backend) await loadTensorflow(work.backend);
  const sources = mlpSources(work.profile, work.publishedFolder);
  const analyse = networkAnalyser(work, sources);
  return async (task) => ({ value: await analyse(sources[task]) });
}
