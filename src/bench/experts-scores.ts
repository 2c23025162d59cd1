import { allIntact, type Coalitions, coalitionsOf, nestedCoalitions } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import type { Decoder } from "../decoders/decoder.js";
import { expertsGame } from "../decoders/experts-game.js";
import { loadDecoder } from "../decoders/load-decoder.js";
import type { TaskScore } from "../decoders/task-scores.js";
import { byteTasks } from "../experiments/experts/byte-tasks.js";
import type { Game } from "../games/game.js";
import { expertsCase, solvedQuestions, withDecoder } from "./experts-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 5;
/** Bytes of a prompt and of an answer. */
const lengths = { prompt: 64, answer: 32 };
const questionCount = 15;
/** Additions with their sums in front of each question, where prompts begin alike. */
const solved = 8;
/** What a decoder whose weights stay on the disk may take, and coalitions that are asked for together. */
const memory = 1e8;
const together = 16;

/** Scores without decoding: what they save that an answer is looked at as it stands. */
export const expertsScores: Question = {
  name: "scores",
  asks: "how long does a coalition take when answers are scored as they stand, against decoding as many tokens?",
  answer: (signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> =>
    withDecoder(async (decoder) => {
      const prompts = Array.from({ length: questionCount }, (_, q) =>
        Array.from({ length: lengths.prompt }, (_, i) => (97 * q + 31 * i + ((q * i) % 7)) % 256),
      );
      const long = await answered(decoder, prompts, lengths.answer);
      const { given, decoded, probable } = gamesOf(decoder, long);
      const all = allIntact(given.units.length);
      const alone = gamesOf(decoder, long.slice(0, 1));
      await checkAccuracy({ given, decoded }, all);
      const times = await medianTimes(
        repetitions,
        {
          given: () => given.evaluate(all),
          decoded: () => decoded.evaluate(all),
          probable: () => probable.evaluate(all),
          aloneDecoded: () => alone.decoded.evaluate(all),
          aloneProbable: () => alone.probable.evaluate(all),
        },
        signal,
      );
      const ordering = await orderingTimes({ decoded, probable }, signal);
      const fewShot = await behindSolved(decoder, repetitions, signal);
      const disk = await fromDisk(decoder, long, signal);
      const factor = (ratio: number) => `${short(ratio)} times`;
      return {
        figure: {
          value: times.probable,
          unit: "ms",
          of: `a coalition by log-probability, ${questionCount} answers of ${lengths.answer} tokens`,
        },
        baseline: { value: times.decoded, unit: "ms", of: "the same with greedy decoding, keys and values remembered" },
        ratio: times.decoded / times.probable,
        lines: [
          `of        ${expertsCase}`,
          `accuracy  as it stands ${short(times.given)} ms; decoded answers have accuracy 1 both ways`,
          `why       decoding with keys and values remembered computes as many tokens, ${lengths.prompt + lengths.answer - 1} a question, and as many products; what it lacks are rows that go together, and a last layer without the prompt`,
          `ordering  of ${given.units.length} experts: ${short(ordering.walk)} ms by log-probability, a walk; ${short(ordering.decoded)} ms by decoding, which has none: ${factor(ordering.decoded / ordering.walk)}`,
          `alone     one of the questions: ${short(times.aloneProbable)} ms and ${short(times.aloneDecoded)} ms by decoding: ${factor(times.aloneDecoded / times.aloneProbable)}`,
          `few-shot  ${fewShot.questions} questions behind ${solved} solved ones, answers of ${fewShot.answer} tokens: a coalition ${short(fewShot.probable)} ms and ${short(fewShot.decoded)} ms by decoding, which computes every prompt from its first token on: ${factor(fewShot.decoded / fewShot.probable)}`,
          `          an ordering of them ${short(fewShot.ordering.walk)} ms and ${short(fewShot.ordering.decoded)} ms: ${factor(fewShot.ordering.decoded / fewShot.ordering.walk)}`,
          `disk      weights that stay there, read for a coalition of the long answers: ${megabytes(disk.probable)} by log-probability, ${megabytes(disk.decoded)} by decoding: ${factor(disk.decoded / disk.probable)}; ${together} coalitions together ${megabytes(disk.together)}: ${factor((together * disk.decoded) / disk.together)}`,
          `repeated  ${repetitions} times in turn, medians; orderings once`,
        ],
        numbers: {
          questions: questionCount,
          lengths,
          accuracy_ms: times.given,
          ordering: { ...ordering },
          alone: { probable: times.aloneProbable, decoded: times.aloneDecoded },
          few_shot: { ...fewShot, ordering: { ...fewShot.ordering } },
          bytes_read: { ...disk, coalitions_together: together },
          repetitions,
        },
      };
    }),
};

/** A question in tokens. */
interface AskedTokens {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

/** Questions whose answers are what a decoder goes on with. */
async function answered(decoder: Decoder, prompts: readonly number[][], newTokens: number): Promise<AskedTokens[]> {
  const answers = await decoder.generate(prompts, { newTokens });
  return prompts.map((prompt, q) => ({ prompt, answer: answers[q] }));
}

/** Games of some questions by their scores. */
function gamesOf(decoder: Decoder, questions: readonly AskedTokens[]) {
  const game = (score: TaskScore) => expertsGame(decoder, [{ name: "decoded", questions }], { score });
  return { given: game("accuracy"), decoded: game("decoded-accuracy"), probable: game("log-probability") };
}

/** An ordering: a walk where answers are scored as they stand, whole passes and decoding where they are not. */
function orderingTimes(
  { decoded, probable }: { readonly decoded: Game; readonly probable: Game },
  signal: AbortSignal,
) {
  const ordering = randomOrdering(randomStream(1), probable.units.length);
  return medianTimes(
    1,
    {
      walk: () => probable.walk?.(ordering, () => {}, signal),
      decoded: () => decoded.evaluate(nestedCoalitions(ordering), signal),
    },
    signal,
  );
}

/** Prompts that begin alike, and short answers: as most tasks are that show what is asked. */
async function behindSolved(decoder: Decoder, repetitions: number, signal: AbortSignal) {
  const [{ questions }] = byteTasks({ questions: 30 });
  const shown = solvedQuestions(solved);
  const prompts = questions.map(({ prompt }) => decoder.tokenizer?.encode(`${shown}${prompt}`) ?? []);
  const answer = 3;
  const games = gamesOf(decoder, await answered(decoder, prompts, answer));
  const all = allIntact(games.given.units.length);
  await checkAccuracy(games, all);
  const { probable, decoded } = await medianTimes(
    repetitions,
    { probable: () => games.probable.evaluate(all), decoded: () => games.decoded.evaluate(all) },
    signal,
  );
  return { questions: prompts.length, answer, probable, decoded, ordering: await orderingTimes(games, signal) };
}

/** Bytes of weights that are read where they stay on the disk. */
async function fromDisk(decoder: Decoder, questions: readonly AskedTokens[], signal: AbortSignal) {
  const streamed = await loadDecoder(decoder.source.folder, { memory });
  const { units, ...game } = expertsGame(streamed, [{ name: "decoded", questions }], { score: "log-probability" });
  const bytes = async (work: () => Promise<unknown>) => {
    const before = streamed.bytesRead as number;
    await work();
    return (streamed.bytesRead as number) - before;
  };
  const some = Array.from({ length: together }, (_, c) => [...units.keys()].filter((unit) => unit !== c));
  return {
    probable: await bytes(() => game.evaluate(allIntact(units.length), signal)),
    together: await bytes(() => game.evaluate(coalitionsOf(units.length, some), signal)),
    decoded: await bytes(() =>
      streamed.generate(
        questions.map(({ prompt }) => prompt),
        { newTokens: lengths.answer, signal },
      ),
    ),
  };
}

/** @throws Error where an intact network does not decode the answers that it decoded */
async function checkAccuracy({ given, decoded }: { given: Game; decoded: Game }, all: Coalitions): Promise<void> {
  for (const own of [given, decoded]) {
    const [value] = await own.evaluate(all);
    if (value !== 1) throw new Error(`answers that were decoded have an accuracy of ${value}`);
  }
}

function megabytes(bytes: number): string {
  return `${short(bytes / 1e6)} MB`;
}
