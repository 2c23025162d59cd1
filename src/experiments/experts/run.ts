import { loopProgress } from "../../engine/progress/loop-progress.js";
import { interruption } from "../../engine/runs/interruption.js";
import { positiveInteger, validSeed } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { arithmeticKinds } from "./arithmetic.js";
import { decoderCheckpoint } from "./checkpoints.js";
import { toTasks } from "./contributions.js";
import { type Cuts, cutExperts } from "./cutting.js";
import { languageNames } from "./languages.js";
import { type LesionEffects, lesionEffects } from "./lesion-effects.js";
import {
  contributionsOnSentences,
  experimentTasks,
  otherTasks,
  type PlayedExperts,
  playExperts,
  sentenceHalves,
  tasksOnSentences,
} from "./play-experts.js";
import { loadPublishedExperts, type PublishedExperts } from "./published-experts.js";
import { type Removals, removals } from "./removals.js";
import { type ExpertsProfile, type ExpertsSettings, expertsSettings } from "./settings.js";
import { labelledSentences, outlyingLanguages, type SpecificityTest } from "./specificity.js";

/** Options of {@link runExpertsExperiment}. */
export interface ExpertsExperimentOptions {
  /** How much; default "default". */
  readonly profile?: ExpertsProfile;
  /** Default 1: of the questions, the orderings and all that is random. */
  readonly seed?: number;
  /**
   * A folder with the published contributions (`loadPublishedExperts`), `""` for none; default the environment variable
   * MSA_XAI_DIR, and without it none.
   */
  readonly publishedFolder?: string;
  /** Threads that play the game; default 1. The results do not depend on it. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Shows how many decoders are done, as `ShapleyOptions.progress` says; default in a notebook only. */
  readonly progress?: boolean;
}

/** The names of `ExpertsExperimentOptions`. */
export const expertsExperimentOptionNames: OptionNames<ExpertsExperimentOptions> = {
  profile: true,
  seed: true,
  publishedFolder: true,
  workers: true,
  signal: true,
  progress: true,
};

/** What was found of one decoder. */
export interface ExpertsAnalysis extends PlayedExperts {
  readonly name: string;
  /**
   * Experts that are specific to a language, against what their contributions to the others let expect, as of published
   * ones.
   */
  readonly outlying: readonly SpecificityTest[];
  /** The same against shuffled labels of the sentences. */
  readonly labelled: readonly SpecificityTest[];
  /** Lesions of the most specific experts, by both measures. */
  readonly lesions: readonly [againstOthers: LesionEffects, againstArithmetic: LesionEffects];
  /**
   * Exact answers to held-out sums and differences, experts removed in the order of what they contribute to arithmetic.
   */
  readonly arithmetic: Removals;
  /**
   * Mean log-probability of the sentences' bytes, experts removed in the order of what they contribute to the
   * languages.
   */
  readonly languages: Removals;
  readonly cuts: Cuts;
}

/** The paper's experiment with experts (arXiv 2506.19732, experiment C), computed. */
export interface ExpertsExperiment {
  readonly settings: ExpertsSettings;
  readonly seed: number;
  readonly analyses: readonly ExpertsAnalysis[];
  /** Undefined where there is no folder of them. */
  readonly published: PublishedExperts | undefined;
  readonly publishedOutlying: readonly SpecificityTest[];
}

/**
 * Analyses every decoder of a profile, and what was published of Mixtral-8x7B: contributions of all experts to nine
 * tasks, experts that are specific to a language, what is lost without them and without others, and which can be cut
 * out. What is tested are questions that had no part in the contributions.
 *
 * @throws RangeError for another profile; FileError for published files that can not be read; the signal's reason once
 *   it is aborted
 */
export async function runExpertsExperiment(options: ExpertsExperimentOptions = {}): Promise<ExpertsExperiment> {
  knownOptions("runExpertsExperiment", options, expertsExperimentOptionNames);
  const seed = validSeed(options.seed ?? 1);
  const settings = expertsSettings(options.profile);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const folder = options.publishedFolder ?? process.env.MSA_XAI_DIR;
  const published = folder ? loadPublishedExperts(folder) : undefined;
  const signal = interruption(options.signal);
  const { decoders } = settings;
  const shown = loopProgress("experts' experiment", "decoders", decoders.length, options.progress, signal);
  const analyses: ExpertsAnalysis[] = [];
  let ended: "done" | "stopped" = "stopped";
  try {
    for (const name of decoders) {
      analyses.push(await analyseDecoder(name, settings, { seed, workers, ...(signal && { signal }) }));
      shown.step();
    }
    ended = "done";
  } finally {
    shown.end(ended);
  }
  const publishedOutlying = published ? outlyingLanguages(published.contributions) : [];
  return { settings, seed, analyses, published, publishedOutlying };
}

async function analyseDecoder(
  name: string,
  settings: ExpertsSettings,
  { seed, workers, signal }: { readonly seed: number; readonly workers: number; readonly signal?: AbortSignal },
): Promise<ExpertsAnalysis> {
  const decoder = await decoderCheckpoint(name);
  const stop = signal ? { signal } : {};
  const played = await playExperts(name, decoder, settings, { seed, workers, progress: false, ...stop });
  const { contributions } = played;
  const chosenOn = experimentTasks(settings, seed);
  const tested = otherTasks(chosenOn, (seed + 1) % 2 ** 32);
  // Of the languages there are no other sentences: one half ranks the experts, and the other tests.
  const [ranking, testing] = sentenceHalves(settings.sentences);
  const ranked = contributionsOnSentences(played, ranking);
  const heldOut = tasksOnSentences(tested, testing);
  const of = (names: readonly string[]) => heldOut.filter((task) => names.includes(task.name));
  const sums = arithmeticKinds.filter((kind) => kind !== "multiplication");
  const lesionsBy = (against: LesionEffects["against"]) => lesionEffects(decoder, played, tested, against, stop);
  const removing = { randomOrders: settings.randomOrders, seed, ...stop };
  return {
    name,
    ...played,
    outlying: outlyingLanguages(contributions),
    labelled: labelledSentences(played.sentences, { permutations: settings.permutations, seed }),
    lesions: [await lesionsBy("other languages"), await lesionsBy("arithmetic")],
    arithmetic: await removals(decoder, toTasks(contributions, arithmeticKinds), of(sums), removing),
    languages: await removals(decoder, toTasks(ranked, languageNames), of(languageNames), {
      ...removing,
      randomOrders: Math.ceil(settings.randomOrders / 2),
    }),
    cuts: await cutExperts(decoder, ranked, tasksOnSentences(chosenOn, ranking), heldOut, settings, { seed, ...stop }),
  };
}
