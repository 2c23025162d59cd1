import { oneOf } from "../../errors.js";

/** How much of the experiment is computed. */
export const ganProfiles = ["smoke", "default", "paper"] as const;
/** One of `ganProfiles`. */
export type GanProfile = (typeof ganProfiles)[number];

/** The sizes of everything in the GAN experiment. */
export interface GanSettings {
  readonly profile: GanProfile;
  /** A generator that comes with the package; undefined: one of the paper's size has to be given, or trained. */
  readonly checkpoint: string | undefined;
  /**
   * A generator that comes with the package, trained on scrambled faces in the same way as `checkpoint`, and a control
   * for that one alone; undefined where there is none.
   */
  readonly scrambled: string | undefined;
  /** Images of the game, whose modes are computed. */
  readonly faces: number;
  /** Of these, images whose modes are analysed: those that fit in memory at once. */
  readonly analysed: number;
  /** Orderings, antithetic. */
  readonly orderings: number;
  /**
   * The game of each control network, and of the network itself beside them. It is played in memory: five arrays of
   * filters times outputs with one thread, twelve with two. Where two do not fit into what the experiment's own game
   * may take, one thread plays: in the profile "paper", where an array of two faces takes 1.6 GB.
   */
  readonly controls: { readonly faces: number; readonly orderings: number };
  /** Images on which edits are tested that were chosen on others. */
  readonly heldOut: number;
  /** Drawn faces whose pixels are known, from which the features of generated ones are read. */
  readonly atlas: number;
  /** Runs of the Louvain method. */
  readonly communityRuns: number;
  /** Random sets of filters that each edit is held against. */
  readonly randomSets: number;
  /** Random sets of filters that each community's lesion is held against. */
  readonly groupSets: number;
}

/**
 * Sizes of a profile. "smoke": a look within a minute, at the small generator; "default": the generator that comes with
 * the package, with a sampling error of about 10 % of the modes in the first layer, a few minutes on two cores;
 * "paper": 6 layers, 128 pixels, 1987 filters, 3000 orderings (arXiv 2506.19732, experiment B): days without a graphics
 * card.
 *
 * @throws RangeError for another profile
 */
export function ganSettings(profile: GanProfile = "default"): GanSettings {
  oneOf("profile", ganProfiles, profile);
  return { profile, ...settings[profile] };
}

const settings: Readonly<Record<GanProfile, Omit<GanSettings, "profile">>> = {
  smoke: {
    checkpoint: "faces-8",
    scrambled: undefined,
    faces: 4,
    analysed: 4,
    orderings: 24,
    controls: { faces: 4, orderings: 8 },
    heldOut: 4,
    atlas: 60,
    communityRuns: 20,
    randomSets: 20,
    groupSets: 9,
  },
  default: {
    checkpoint: "faces-16",
    scrambled: "scrambled-16",
    faces: 8,
    analysed: 8,
    orderings: 320,
    controls: { faces: 4, orderings: 60 },
    heldOut: 8,
    atlas: 300,
    communityRuns: 100,
    randomSets: 100,
    groupSets: 39,
  },
  paper: {
    checkpoint: undefined,
    scrambled: undefined,
    faces: 8,
    analysed: 2,
    orderings: 3000,
    controls: { faces: 2, orderings: 100 },
    heldOut: 8,
    atlas: 300,
    communityRuns: 100,
    randomSets: 100,
    groupSets: 39,
  },
};
