import { type Coalitions, intactUnits, type Ordering } from "../coalitions/coalition.js";
import { invalid, oneOf, wrongKind } from "../errors.js";
import { type Game, unitNames, type Values } from "../games/game.js";
import { knownOptions, type OptionNames } from "../options.js";
import { paced, pacer, type Steps } from "../pace.js";
import { batches, type Decoder, decoderParts } from "./decoder.js";
import { addAttention, addFeedForward, embedded, logitsOf, wholePassage } from "./forward.js";
import { answerRows, placeScore, type TaskScore, taskScores } from "./task-scores.js";
import { plainTasks, questionsSha256, type Task, tokenQuestions } from "./tasks.js";
import { type DecoderLesions, type DecoderUnits, decoderLesions, type ExpertLesion } from "./units.js";

/** Options of {@link expertsGame}. */
export interface ExpertsGameOptions {
  /** The players: a kind of units, or their names; default `experts`. */
  readonly units?: keyof DecoderUnits | readonly string[];
  /** What a lesion of an expert means; default `silence`. */
  readonly lesion?: ExpertLesion;
  /**
   * `accuracy`, the default: the share of questions whose answer is the most probable token at every place, given what stands before; greedy decoding of as many
   * tokens as the answer has gives the answer in just these cases. `log-probability`: the mean over the questions of the mean natural logarithm of
   * the probabilities of the answer's tokens, none below `floor`.
   */
  readonly score?: TaskScore;
  /**
   * Least logarithm of a token's probability, for `log-probability`; default that of a token by lot, -ln(vocabulary). Networks with many lesions are far below it
   * for sure of something wrong, and would decide the Shapley values.
   */
  readonly floor?: number;
}

/** The names of `ExpertsGameOptions`. */
const expertsGameOptionNames: OptionNames<ExpertsGameOptions> = { units: true, lesion: true, score: true, floor: true };

/**
 * The game of a decoder's experts (arXiv 2506.19732, experiment C), or of other units of it: v(S) is one number a task, of the decoder with only the units of S
 * intact. Answers are scored as they stand, in one pass without decoding.
 *
 * Other threads and processes read the checkpoint's folder again (`expertsGameFromFolder`), and take the memory of its weights once more each.
 *
 * Its walk keeps what comes before the unit that returns: layers below, and attention of its own layer, are not computed again. Values are the same
 * bits as those of `evaluate`.
 *
 * @throws TypeError, RangeError for tasks and options that are none; a unit that there is not, with the nearest names
 * @example
 * const decoder = await loadDecoder("checkpoint");
 * const tasks = [{ name: "addition", questions: [{ prompt: "47+38=", answer: "85" }] }];
 * const game = expertsGame(decoder, tasks, { lesion: "silence", score: "log-probability" });
 * const modes = await shapley(game, { estimator: "antithetic", orderings: 20, seed: 1 });
 * modes.unit("L1/E3").values; // one number a task
 */
export function expertsGame(decoder: Decoder, tasks: readonly Task[], options: ExpertsGameOptions = {}): Game {
  knownOptions("expertsGame", options, expertsGameOptionNames);
  const { lesion = "silence", score = "accuracy" } = options;
  const parts = decoderParts(decoder);
  const { config } = parts;
  const names = playersOf(decoder, options.units ?? "experts");
  decoderLesions(config, names, lesion);
  oneOf("score", taskScores, score);
  const floor = floorOf(options.floor, score, config.vocabulary);
  const questions = tokenQuestions(decoder, tasks);
  const sha256 = decoder.sha256();
  const played = {
    tasks: plainTasks(tasks),
    units: names,
    lesion,
    score,
    ...(score === "log-probability" && { floor }),
  };
  const counts = tasks.map(({ questions: own }) => own.length);
  const groups = [
    ...batches(
      questions.map(({ tokens }) => tokens),
      ({ length }) => length,
    ),
  ];
  const table = parts.table(Math.max(...questions.map(({ tokens }) => tokens.length)));

  /** Questions that go through the decoder together. */
  const stages = groups.map((sequences, g) => {
    const first = groups.slice(0, g).reduce((sum, { length }) => sum + length, 0);
    return { passage: wholePassage(config, sequences), questions: questions.slice(first, first + sequences.length) };
  });

  function lesionsOf(intact: ReadonlySet<number>): DecoderLesions {
    return decoderLesions(
      config,
      names.filter((_, unit) => !intact.has(unit)),
      lesion,
    );
  }

  /** Adds to the tasks' values those of some questions, from the vectors behind the last layer. */
  function addScores(
    values: Float64Array,
    vectors: Float32Array,
    { passage, questions: own }: (typeof stages)[number],
  ): void {
    const rows = answerRows(passage, own, vectors, config.width);
    const logits = logitsOf(parts, rows);
    let row = 0;
    for (const { answer, task } of own) {
      let sum = 0;
      for (const token of answer)
        sum += placeScore(logits, row++ * config.vocabulary, config.vocabulary, token, score, floor);
      values[task] += (score === "accuracy" ? Number(sum === answer.length) : sum / answer.length) / counts[task];
    }
  }

  function* valuesOf(lesions: DecoderLesions): Steps<Float64Array> {
    const values = new Float64Array(tasks.length);
    for (const stage of stages) {
      const vectors = embedded(parts, stage.passage.tokens);
      for (let l = 0; l < config.layers; l++) {
        yield* addAttention(parts, l, vectors, stage.passage, table, lesions);
        yield* addFeedForward(parts, l, vectors, lesions);
      }
      addScores(values, vectors, stage);
    }
    return values;
  }

  /** Vectors in front of every layer, and behind its attention, of each stage; the last in front of the head. */
  type Kept = { readonly before: Float32Array[]; readonly between: Float32Array[] };

  /** Computes a layer and those above again, or the layer from behind its attention on. */
  function* again(
    kept: Kept,
    { passage }: (typeof stages)[number],
    from: number,
    behind: boolean,
    lesions: DecoderLesions,
  ): Steps<void> {
    for (let l = from; l < config.layers; l++) {
      if (l > from || !behind) {
        kept.between[l].set(kept.before[l]);
        yield* addAttention(parts, l, kept.between[l], passage, table, lesions);
      }
      kept.before[l + 1].set(kept.between[l]);
      yield* addFeedForward(parts, l, kept.before[l + 1], lesions);
    }
  }

  return {
    units: names,
    outputShape: [tasks.length],
    provenance: {
      network: `${config.kind}, ${config.layers} layers`,
      network_sha256: sha256,
      lesion,
      score,
      ...(score === "log-probability" && { floor }),
      tasks: tasks.map(({ name }) => name),
      tasks_sha256: questionsSha256(questions),
    },
    spec: {
      module: "shapley-modes/decoders",
      export: "expertsGameFromFolder",
      arguments: [{ checkpoint: decoder.source.folder, turns: decoder.source.turns, sha256, ...played }],
    },
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const values = new Float64Array(coalitions.count * tasks.length);
      for (let c = 0; c < coalitions.count; c++) {
        values.set(await paced(valuesOf(lesionsOf(new Set(intactUnits(coalitions, c)))), signal), c * tasks.length);
      }
      return values;
    },
    async walk(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal): Promise<void> {
      const pace = pacer(signal);
      const intact = new Set<number>();
      const kept = stages.map(({ passage }) => {
        const vectors = embedded(parts, passage.tokens);
        const fresh = (count: number) => Array.from({ length: count }, () => new Float32Array(vectors.length));
        return { before: [vectors, ...fresh(config.layers)], between: fresh(config.layers) };
      });
      let known = 0; // layers below this one are computed: at first none
      for (const [rank, unit] of ordering.entries()) {
        intact.add(unit);
        const [layer, part] = names[unit].slice(1).split("/");
        const from = Math.min(known, Number(layer));
        const behind = from < known && part !== undefined && !part.startsWith("H");
        const lesions = lesionsOf(intact);
        const values = new Float64Array(tasks.length);
        for (const [s, stage] of stages.entries()) {
          await paced(again(kept[s], stage, from, behind, lesions), signal);
          addScores(values, kept[s].before[config.layers], stage);
        }
        known = config.layers;
        visit(rank, values);
        await pace();
      }
    },
  };
}

function playersOf({ units }: Decoder, wanted: keyof DecoderUnits | readonly string[]): readonly string[] {
  if (typeof wanted !== "string") {
    if (!Array.isArray(wanted)) throw wrongKind("units", "a kind of units, or a list of names", wanted);
    return unitNames(wanted);
  }
  const kind = oneOf("units", Object.keys(units) as (keyof DecoderUnits)[], wanted);
  if (units[kind].length === 0) throw invalid("units", `a kind that the decoder has, such as heads`, wanted);
  return units[kind];
}

function floorOf(floor: number | undefined, score: TaskScore, vocabulary: number): number {
  if (floor === undefined) return -Math.log(vocabulary);
  if (typeof floor !== "number") throw wrongKind("floor", "a number below 0", floor);
  if (score === "accuracy") throw invalid("floor", "none for accuracy", floor);
  if (!Number.isFinite(floor) || floor >= 0) throw invalid("floor", "a number below 0", floor);
  return floor;
}
