import { decoderParts } from "../decoders/decoder.js";
import { through, wholePassage } from "../decoders/forward.js";
import { sharedPassages } from "../decoders/shared-passage.js";
import { decoderLesions } from "../decoders/units.js";
import { byteTasks } from "../experiments/experts/byte-tasks.js";
import { paced } from "../pace.js";
import { expertsCase, solvedQuestions, withDecoder } from "./experts-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 5;
/** Solved questions in front of each. */
const solved = 8;

/** Prompts that begin alike: what it saves that their beginning is computed once for a coalition. */
export const expertsPrefixes: Question = {
  name: "prefixes",
  asks: `how long does a coalition take when what prompts begin alike with (here ${solved} solved questions) is computed once?`,
  answer: (signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> =>
    withDecoder(async (decoder) => {
      const parts = decoderParts(decoder);
      const { config } = parts;
      const [{ questions }] = byteTasks({ questions: 30 });
      const shown = solvedQuestions(solved);
      const encode = (text: string) => decoder.tokenizer?.encode(text) ?? [];
      const bare = questions.map(({ prompt, answer }) => encode(`${prompt}${answer}`));
      const sequences = questions.map(({ prompt, answer }) => encode(`${shown}${prompt}${answer}`));
      const lesions = decoderLesions(
        config,
        decoder.units.experts.filter((_, i) => i % 3 === 0),
      );
      const most = sequences.reduce((sum, { length }) => sum + length, 0);
      const [shared] = sharedPassages(config, sequences, most);
      const [sharedBare] = sharedPassages(config, bare, most);
      const whole = wholePassage(config, sequences);
      const table = parts.table(Math.max(...sequences.map(({ length }) => length)));
      const run = (passage: typeof whole) => paced(through(parts, passage, table, lesions), signal);

      const [once, each] = [await run(shared), await run(whole)];
      const { width } = config;
      sequences.forEach((sequence, s) => {
        const last = sequence.length - 1;
        const [a, b] = [shared.rowOf(s, last) * width, (whole.stretches[s].row + last) * width];
        for (let i = 0; i < width; i++) {
          if (once[a + i] !== each[b + i]) throw new Error(`question ${s} is another one with a shared beginning`);
        }
      });
      const bareWhole = wholePassage(config, bare);
      const times = await medianTimes(
        repetitions,
        {
          shared: () => run(shared),
          whole: () => run(whole),
          bareShared: () => run(sharedBare),
          bareWhole: () => run(bareWhole),
        },
        signal,
      );
      const tokens = { shared: shared.tokens.length, whole: whole.tokens.length };
      const bareTokens = { shared: sharedBare.tokens.length, whole: bareWhole.tokens.length };
      return {
        figure: {
          value: times.shared,
          unit: "ms",
          of: `a coalition, ${sequences.length} questions, ${tokens.shared} tokens`,
        },
        baseline: {
          value: times.whole,
          unit: "ms",
          of: `the same, every prompt from its first token on, ${tokens.whole} tokens`,
        },
        ratio: times.whole / times.shared,
        lines: [
          `of        ${expertsCase}`,
          "checked   vectors behind the last layer have the same bits",
          `bare      questions alone: ${short(times.bareShared)} ms and ${short(times.bareWhole)} ms, ${bareTokens.shared} and ${bareTokens.whole} tokens`,
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: {
          questions: sequences.length,
          tokens,
          bare: { ...bareTokens, shared_ms: times.bareShared, whole_ms: times.bareWhole },
          bits_equal: true,
          repetitions,
        },
      };
    }),
};
