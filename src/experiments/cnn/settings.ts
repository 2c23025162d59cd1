import { oneOf } from "../../errors.js";
import type { EstimatorName } from "../../estimators/registry.js";
import { type MlpProfile, mlpProfiles } from "../mlp/sources.js";

/** How much of the convolution experiment is done; names as for the MLPs. */
export type CnnProfile = MlpProfile;

/** What a profile plays for each network. */
export interface CnnSettings {
  /** Independent runs, each of coalitions and images of its own: intervals are over them. */
  readonly runs: number;
  /** Images of a run, as many of each class. */
  readonly images: number;
  readonly estimator: EstimatorName;
  /** Evaluations of v in a run, where the estimator is no "permutation". */
  readonly evaluations: number | undefined;
  /** Orderings of a run, where it is. */
  readonly orderings: number | undefined;
  /** Images that figure A1 measures accuracy on. */
  readonly testImages: number;
}

const settings: Readonly<Record<CnnProfile, CnnSettings>> = {
  smoke: { runs: 2, images: 10, estimator: "leverage", evaluations: 600, orderings: undefined, testImages: 100 },
  default: { runs: 6, images: 20, estimator: "leverage", evaluations: 1500, orderings: undefined, testImages: 1000 },
  paper: { runs: 4, images: 100, estimator: "permutation", evaluations: undefined, orderings: 250, testImages: 3925 },
};

/**
 * What a profile plays: "smoke" a look, "default" so much that its sentences hold, "paper" 1000 random orderings for
 * each network, as published, in four parts with images of their own.
 */
export function cnnSettings(profile: CnnProfile): CnnSettings {
  return settings[oneOf("profile", mlpProfiles, profile)];
}
