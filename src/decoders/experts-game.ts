import { type Coalitions, intactUnits, type Ordering } from "../coalitions/coalition.js";
import { invalid, oneOf } from "../errors.js";
import type { Game, Values } from "../games/game.js";
import { knownOptions } from "../options.js";
import { paced, pacer, type Steps } from "../pace.js";
import { addDecoded, givenAnswers } from "./answers.js";
import type { Stretch } from "./attention.js";
import type { ExpertsConfig } from "./config.js";
import { type Decoder, decoderParts } from "./decoder.js";
import { type ExpertMemory, expertMemory } from "./expert-layer.js";
import { type ExpertsGameOptions, expertsGameOptionNames, floorOf, playersOf } from "./experts-game-options.js";
import { addAttention, addFeedForward } from "./forward.js";
import { type Kept, keptFrom, passFrom } from "./kept-pass.js";
import { addScoresTogether } from "./scores-together.js";
import { settingsSha256 } from "./settings-files.js";
import { contrastWeights, plainContrasts } from "./task-contrasts.js";
import { isDecoded, taskScores } from "./task-scores.js";
import { plainTasks, playedTasks, type Task, tasksSha256 } from "./tasks.js";
import { type DecoderLesions, decoderLesions } from "./units.js";

/**
 * The game of a decoder's experts (arXiv 2506.19732, experiment C), or of other units of it: v(S) is one number a task,
 * and one a contrast, of the decoder with only the units of S intact. Answers are scored as they stand, in one pass
 * without decoding, unless a task's score says otherwise.
 *
 * Other threads and processes read the checkpoint's folder again (`expertsGameFromFolder`), and take the memory of its
 * weights once more each.
 *
 * Its walk keeps what comes before the unit that returns: layers below, attention of its own layer, and what the other
 * experts of that layer make, are not computed again. Coalitions begin at the first layer that has players, and what
 * prompts have in common at their beginnings is computed once. Values are the same bits, however they are asked for.
 *
 * Where the weights stay on the disk (`memory` of `loadDecoder`) there is no walk: coalitions that are asked for
 * together read each part of them once.
 *
 * @throws TypeError, RangeError for tasks and options that are none; a score that decodes where weights stay on the
 *   disk; a unit that there is not, with the nearest names
 * @example
 * const decoder = await loadDecoder("checkpoint");
 * const tasks = [{ name: "addition", questions: [{ prompt: "47+38=", answer: "85" }] }];
 * const game = expertsGame(decoder, tasks, { lesion: "silence", score: "log-probability" });
 * const modes = await shapley(game, { estimator: "antithetic", orderings: 20, seed: 1 });
 * modes.unit("L1/E3").values; // one number a task
 */
export function expertsGame(decoder: Decoder, tasks: readonly Task[], options: ExpertsGameOptions = {}): Game {
  knownOptions("expertsGame", options, expertsGameOptionNames);
  const { lesion = "silence", score = "accuracy", contrasts = [] } = options;
  const parts = decoderParts(decoder);
  const { config, streaming } = parts;
  const names = playersOf(decoder, options.units);
  decoderLesions(config, names, lesion);
  oneOf("score", taskScores, score);
  const played = playedTasks(decoder, tasks, score);
  const floor = floorOf(options.floor, played, config.vocabulary);
  const taskNames = played.map(({ name }) => name);
  const weights = contrastWeights(contrasts, taskNames);
  const outputs = played.length + weights.length;
  const given = givenAnswers(parts, played, floor ?? 0);
  const decodes = played.some((task) => isDecoded(task.score));
  if (streaming && decodes) {
    throw invalid(
      "score",
      "accuracy or log-probability where weights stay on the disk: each new token would read all of them",
      played.map(({ score: own }) => own).find(isDecoded),
    );
  }
  const together = streaming?.plan(
    given.map(({ passage }) => passage.tokens.length),
    mostTogether,
  ).coalitions;
  const sha256 = decoder.sha256();
  const table = parts.table(Math.max(1, ...given.flatMap(({ passage }) => passage.stretches.map(endOf))));
  const layerOf = names.map((name) => Number(name.slice(1).split("/")[0]));
  const first = Math.min(...layerOf);
  /** Whether all players of the first layer are behind its attention. */
  const behindFirst = names.every((name, unit) => layerOf[unit] > first || isBehindAttention(name));
  const start = { layer: first, behind: behindFirst };

  function lesionsOf(intact: ReadonlySet<number>): DecoderLesions {
    return decoderLesions(
      config,
      names.filter((_, unit) => !intact.has(unit)),
      lesion,
    );
  }

  /** Means and contrasts, from the sums over the questions that are scored as they stand. */
  function* completed(values: Float64Array, lesions: DecoderLesions): Steps<Float64Array> {
    if (decodes) yield* addDecoded(values, parts, decoder.tokenizer, played, lesions, parts.table);
    played.forEach(({ questions }, t) => {
      values[t] /= questions.length;
    });
    weights.forEach((own, c) => {
      values[played.length + c] = own.reduce((sum, weight, t) => sum + (weight === 0 ? 0 : weight * values[t]), 0);
    });
    return values;
  }

  /** Vectors in front of the first player, which are the same in every coalition; computed once. */
  const beginnings: (Float32Array | undefined)[] = given.map(() => undefined);
  function* beginning(g: number): Steps<Float32Array> {
    const known = beginnings[g];
    if (known) return known;
    const { passage } = given[g];
    const intact = decoderLesions(config, [], lesion);
    const vectors = parts.weights.embeddings(passage.tokens);
    for (let l = 0; l < first; l++) {
      yield* addAttention(parts, l, vectors, passage, table, intact);
      yield* addFeedForward(parts, l, vectors, intact);
    }
    if (behindFirst) yield* addAttention(parts, first, vectors, passage, table, intact);
    beginnings[g] = vectors;
    return vectors;
  }

  /** What experts of the first player's layer made there, which is the same in every coalition, too. */
  const firstMade: (ExpertMemory | undefined)[] = given.map(() => undefined);
  function* keptOf(g: number, layered: boolean): Steps<Kept> {
    const vectors = yield* beginning(g);
    if (behindFirst && config.sparse[first]) {
      firstMade[g] ??= expertMemory(config.experts as ExpertsConfig, vectors.length / config.width, config.width);
    }
    return keptFrom(parts, start, vectors, firstMade[g], layered);
  }

  const differences = contrasts.length > 0 && { contrasts: plainContrasts(contrasts) };
  const said = { lesion, score, ...(floor !== undefined && { floor }) };

  const game: Game = {
    units: names,
    outputShape: [outputs],
    provenance: {
      network: `${config.kind}, ${config.layers} layers`,
      network_sha256: sha256,
      settings_sha256: settingsSha256(decoder),
      ...(decoder.source.computing && { backend: decoder.source.computing.label }),
      ...said,
      tasks: taskNames,
      ...(played.some((task) => task.score !== score) && { scores: played.map((task) => task.score) }),
      tasks_sha256: tasksSha256(played),
      ...differences,
    },
    spec: {
      module: "shapley-modes/decoders",
      export: "expertsGameFromFolder",
      arguments: [
        {
          checkpoint: decoder.source.folder,
          turns: decoder.source.turns,
          ...(decoder.source.memory !== undefined && { memory: decoder.source.memory }),
          ...(decoder.source.computing && { backend: decoder.source.computing.backend }),
          sha256,
          tasks: plainTasks(tasks),
          units: names,
          ...said,
          ...differences,
        },
      ],
    },
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const values = new Float64Array(coalitions.count * outputs);
      if (streaming) {
        const all = Array.from({ length: coalitions.count }, (_, c) => lesionsOf(new Set(intactUnits(coalitions, c))));
        await paced(addScoresTogether(parts, streaming, given, table, all, values), signal);
        for (const [c, lesions] of all.entries()) {
          await paced(completed(values.subarray(c * outputs, (c + 1) * outputs), lesions), signal);
        }
        return values;
      }
      const kept: Kept[] = [];
      for (let c = 0; c < coalitions.count; c++) {
        const lesions = lesionsOf(new Set(intactUnits(coalitions, c)));
        const own = values.subarray(c * outputs, (c + 1) * outputs);
        for (const [g, answers] of given.entries()) {
          kept[g] ??= await paced(keptOf(g, false), signal);
          await paced(passFrom(parts, answers, kept[g], start, true, lesions, table), signal);
          answers.addScores(own, answers.scores(vectorsBehind(kept[g])));
        }
        await paced(completed(own, lesions), signal);
      }
      return values;
    },
    // Coalitions together read weights from a disk once; a walk would read them for each.
    ...(together === undefined ? { walk } : { coalitionsAtOnce: together }),
  };
  return game;

  async function walk(
    ordering: Ordering,
    visit: (rank: number, values: Values) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const pace = pacer(signal);
    const intact = new Set<number>();
    const kept: Kept[] = [];
    const scores: Float64Array[] = [];
    for (const [rank, unit] of ordering.entries()) {
      intact.add(unit);
      const lesions = lesionsOf(intact);
      const values = new Float64Array(outputs);
      for (const [g, answers] of given.entries()) {
        const fresh = kept[g] === undefined;
        kept[g] ??= await paced(keptOf(g, true), signal);
        const place = fresh ? start : { layer: layerOf[unit], behind: isBehindAttention(names[unit]) };
        await paced(passFrom(parts, answers, kept[g], place, fresh, lesions, table), signal);
        const { changed } = kept[g];
        const vectors = vectorsBehind(kept[g]);
        scores[g] = answers.scores(vectors, fresh ? undefined : { scores: scores[g], changed });
        answers.addScores(values, scores[g]);
      }
      visit(rank, await paced(completed(values, lesions), signal));
      await pace();
    }
  }
}

/**
 * Coalitions that are asked to go through a decoder together, at most: what an estimator does not lose when it is
 * stopped.
 */
const mostTogether = 4096;

/** The vectors behind the last layer. */
function vectorsBehind({ before }: Kept): Float32Array {
  return before[before.length - 1];
}

/** Whether a unit does something only behind its layer's attention: it is no head and no whole layer. */
function isBehindAttention(name: string): boolean {
  const [, part] = name.split("/");
  return part !== undefined && !part.startsWith("H");
}

/** The position behind a stretch. */
function endOf({ from, count }: Stretch): number {
  return from + count;
}
