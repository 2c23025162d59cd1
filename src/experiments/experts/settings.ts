import { MissingPartError, oneOf } from "../../errors.js";
import { decoderFolder, listDecoders } from "./checkpoints.js";

/** How much of the experts' experiment is computed. */
export const expertsProfiles = ["smoke", "default", "paper"] as const;
/** One of `expertsProfiles`. */
export type ExpertsProfile = (typeof expertsProfiles)[number];

/** The sizes of everything in the experts' experiment. */
export interface ExpertsSettings {
  readonly profile: ExpertsProfile;
  /** Names of the decoders: one for each seed of training. */
  readonly decoders: readonly string[];
  /**
   * Questions of each kind of arithmetic, and capitals, on which contributions are computed, and as many others on
   * which they are tested.
   */
  readonly questions: number;
  /**
   * Sentences of each language. One half picks experts, the other is what they are tested on, and the other way round.
   */
  readonly sentences: number;
  /** Characters of a sentence that are to follow, at most. */
  readonly answerLength: number;
  /** Orderings, antithetic. */
  readonly orderings: number;
  /** Random orders in which experts are removed, of every decoder. */
  readonly randomOrders: number;
  /** Random choices of experts in the table of what can go. */
  readonly randomChoices: number;
  /** How many experts are left in that table. */
  readonly kept: readonly number[];
  /** Random labels of the test of specificity. */
  readonly permutations: number;
}

const sizes: Readonly<Record<ExpertsProfile, Omit<ExpertsSettings, "profile" | "decoders">>> = {
  smoke: {
    questions: 6,
    sentences: 4,
    answerLength: 12,
    orderings: 4,
    randomOrders: 2,
    randomChoices: 2,
    kept: [16],
    permutations: 199,
  },
  default: {
    questions: 20,
    sentences: 15,
    answerLength: 20,
    orderings: 12,
    randomOrders: 8,
    randomChoices: 5,
    kept: [24, 16, 12],
    permutations: 9999,
  },
  paper: {
    questions: 30,
    sentences: 15,
    answerLength: 100,
    orderings: 1000,
    randomOrders: 20,
    randomChoices: 20,
    kept: [28, 24, 20, 16, 12, 10],
    permutations: 99999,
  },
};

/**
 * Sizes of a profile. "smoke": one decoder, for a look within a minute; "default": all decoders with experts that were
 * trained here, minutes on two cores; "paper": as many orderings as the paper played, hours.
 *
 * @throws RangeError for another profile; MissingPartError where no decoder is there
 */
export function expertsSettings(profile: ExpertsProfile = "default", folder: string = decoderFolder): ExpertsSettings {
  oneOf("profile", expertsProfiles, profile);
  const known = Object.keys(listDecoders(folder))
    .filter((name) => name.startsWith("experts-"))
    .sort();
  if (known.length === 0) {
    const remedy = "they come with a clone of the project, in data/checkpoints/experts, and not with the package";
    throw new MissingPartError("the small trained decoders", remedy);
  }
  return { profile, decoders: profile === "smoke" ? known.slice(0, 1) : known, ...sizes[profile] };
}
