import { generatorPasses } from "../networks/dcgan/passes.js";
import { checkSmall, difference, ganCase, ganParts, walk } from "./gan-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 5;
const plainPasses = 20;

/** A whole ordering: what it saves that a channel's return computes again only what it changes. */
export const ganOrdering: Question = {
  name: "ordering",
  asks: "how long does one ordering of all channels take when each return computes only what it changes (a generator of faces, one core)?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const parts = await ganParts();
    const { generator, latents, places, ordering, all, none, intact } = parts;
    const units = places.length;
    const nested = ordering.map((_, rank) => intact(ordering.slice(0, rank + 1)));
    const [walked, scratch] = [generatorPasses(generator, latents), generatorPasses(generator, latents)];
    function fromScratch(rank: number): void {
      scratch.set(none); // so that all is computed again
      scratch.set(nested[rank]);
    }
    let largestError = 0;
    walked.set(none);
    for (const [rank, unit] of ordering.entries()) {
      walked.add(...places[unit]);
      fromScratch(rank);
      largestError = Math.max(largestError, difference(walked.images, scratch.images));
    }
    checkSmall(largestError);
    const times = await medianTimes(
      repetitions,
      {
        walk: () => walk(walked, parts),
        scratch() {
          for (const rank of ordering.keys()) fromScratch(rank);
        },
        plain() {
          for (let i = 0; i < plainPasses; i++) {
            scratch.set(none);
            scratch.set(all);
          }
        },
      },
      signal,
    );
    const plain = (times.plain / plainPasses) * units;
    return {
      figure: { value: times.walk, unit: "ms", of: `an ordering of ${units} units` },
      baseline: { value: times.scratch, unit: "ms", of: "the same coalitions, each computed from its first layer on" },
      ratio: times.scratch / times.walk,
      lines: [
        `of        ${ganCase}`,
        `checked   images are equal after each return (largest error ${largestError.toExponential(1)})`,
        `in all    ${units} plain forward passes, nothing lesioned, take ${short(plain)} ms, ${short(plain / times.walk)} times as long`,
        `repeated  ${repetitions} times in turn, medians`,
      ],
      numbers: { units, plain_passes_ms: plain, largestError, repetitions },
    };
  },
};
