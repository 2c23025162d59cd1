import { lesioned } from "../../analysis/lesions.js";
import { removedExperts, retainedExperts } from "../../analysis/smaller/retained-experts.js";
import { summarise } from "../../analysis/summary.js";
import { shuffle } from "../../coalitions/random.js";
import { randomStreams } from "../../coalitions/random-streams.js";
import type { Decoder } from "../../decoders/decoder.js";
import { expertMeasures } from "../../decoders/expert-measures.js";
import { expertsGame } from "../../decoders/experts-game.js";
import type { RetainedExperts } from "../../decoders/retained-experts.js";
import { playedTasks, type Task } from "../../decoders/tasks.js";
import { arithmeticKinds } from "./arithmetic.js";
import { type ExpertContributions, overallShares } from "./contributions.js";
import { languageNames } from "./languages.js";
import type { ExpertsSettings } from "./settings.js";

/** Rankings by which experts are cut out. */
export const cutRankings = ["Shapley", "router frequency", "gate x norm (REAP)", "activation norm", "random"] as const;
/** One of `cutRankings`. */
export type CutRanking = (typeof cutRankings)[number];

/** One row of the table of which experts can go: held-out scores of a decoder with so many experts left. */
export interface CutRow {
  readonly ranking: CutRanking | "none";
  /**
   * Whether every layer keeps as many as the others, or all layers are ranked together, with `perLayer` experts left in
   * each at least.
   */
  readonly layers: "even" | "together";
  readonly kept: number;
  /** Exact answers to addition and subtraction, and capitals. */
  readonly arithmetic: number;
  readonly capitals: number;
  /** Mean over the languages. */
  readonly bitsPerByte: number;
}

/** Which experts of a decoder can go. */
export interface Cuts {
  /** Experts that stay in every layer at least: as many as a token goes to. */
  readonly perLayer: number;
  readonly rows: readonly CutRow[];
  /** What stays by the Shapley values, all layers together, by how many stay. */
  readonly retained: Readonly<Record<string, RetainedExperts>>;
  /**
   * The same with as many in every layer: what `cutExperts` of `shapley-modes/decoders` writes a smaller checkpoint of.
   */
  readonly retainedEvenly: Readonly<Record<string, RetainedExperts>>;
}

/**
 * Cuts experts out of the router (lesion `reroute`, what a smaller checkpoint does), by several rankings made on the
 * same questions, and asks what is left on others. Of random choices the mean.
 *
 * @param chosenOn what the rankings are made on
 * @param tested other questions
 */
export async function cutExperts(
  decoder: Decoder,
  contributions: ExpertContributions,
  chosenOn: readonly Task[],
  tested: readonly Task[],
  { kept, randomChoices }: ExpertsSettings,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<Cuts> {
  const options = signal ? { signal } : {};
  const { units } = contributions.modes;
  const sequences = playedTasks(decoder, chosenOn, "accuracy").flatMap(({ questions }) =>
    questions.map(({ prompt, answer }) => [...prompt, ...answer]),
  );
  const measures = await expertMeasures(decoder, sequences, options);
  const stream = randomStreams(seed);
  const random = Array.from({ length: randomChoices }, (_, r) => {
    const order = Uint32Array.from(units.keys());
    shuffle(stream(r), order);
    return order;
  });
  const scores: Readonly<Record<CutRanking, readonly ArrayLike<number>[]>> = {
    Shapley: [overallShares(contributions)],
    "router frequency": [measures.frequency],
    "gate x norm (REAP)": [measures.gatedNorm],
    "activation norm": [measures.norm],
    random,
  };
  const perLayer = decoder.config.experts?.perToken ?? 1;
  const cuts = kept.flatMap((keep) =>
    cutRankings.flatMap((ranking) =>
      (["together", "even"] as const).map((layers) => ({
        ranking,
        layers,
        keep,
        retained: scores[ranking].map((own) =>
          retainedExperts(units, own, { keep, perLayer, even: layers === "even" }),
        ),
      })),
    ),
  );
  const game = expertsGame(decoder, tested, { lesion: "reroute" });
  const sets = cuts.flatMap(({ retained }) => retained.map((own) => removedExperts(units, own)));
  const { intact, lesioned: values } = await lesioned(game, sets, options);
  const names = tested.map(({ name }) => name);
  const row = (
    ranking: CutRow["ranking"],
    layers: CutRow["layers"],
    left: number,
    all: readonly ArrayLike<number>[],
  ): CutRow => {
    const of = (tasks: readonly string[]) =>
      summarise(all.flatMap((own) => tasks.map((task) => own[names.indexOf(task)]))).mean;
    return {
      ranking,
      layers,
      kept: left,
      arithmetic: of(arithmeticKinds.filter((kind) => kind !== "multiplication")),
      capitals: of(["capitals"]),
      bitsPerByte: -of(languageNames) / Math.LN2,
    };
  };
  const byShapley = (wanted: CutRow["layers"]) =>
    Object.fromEntries(
      cuts
        .filter(({ ranking, layers }) => ranking === "Shapley" && layers === wanted)
        .map(({ keep, retained }) => [String(keep), retained[0]]),
    );
  let at = 0;
  return {
    perLayer,
    rows: [
      row("none", "together", units.length, [intact]),
      ...cuts.map(({ ranking, layers, keep, retained }) => {
        const own = values.slice(at, (at += retained.length));
        return row(ranking, layers, keep, own);
      }),
    ],
    retained: byShapley("together"),
    retainedEvenly: byShapley("even"),
  };
}
