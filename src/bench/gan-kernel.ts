import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import type { Generator } from "../networks/dcgan/generator.js";
import { generatorPasses } from "../networks/dcgan/passes.js";
import {
  checkSmall,
  difference,
  faces,
  type GanParts,
  ganParts,
  type Intact,
  paintAnswer,
  paintTimes,
} from "./gan-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 15;
const halves = 8;

/** This package's own kernel: what lesions cost, and what leaving lesioned channels out saves. */
export const ganKernel: Question = {
  name: "kernel",
  asks: "how long does a lesioned image take on WebAssembly, against one with nothing lesioned (a generator of faces, one core)?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const parts = await ganParts();
    const { generator, latents, all, none } = parts;
    const plain = generatorPasses(generator, latents);
    const times = await paintTimes(
      parts,
      {
        passes: generatorPasses(generator, latents),
        forward() {
          plain.set(none); // so that all is computed again
          plain.set(all);
          return plain.images;
        },
      },
      repetitions,
      signal,
    );
    const { leftOut, multiplied } = await leavingOut(parts, repetitions, signal);
    const gain = `left out  coalitions of half the filters take ${short(leftOut)} ms an image; ${short(multiplied)} ms, ${short(multiplied / leftOut)} times that, where lesioned channels are computed and multiplied by 0`;
    const answer = paintAnswer("WebAssembly SIMD, one core", times, repetitions, [gain]);
    return { ...answer, numbers: { ...answer.numbers, left_out_ms: leftOut, multiplied_by_0_ms: multiplied } };
  },
};

/**
 * Coalitions of half the filters and all colours, lesioned channels left out of the arithmetic and not; ms for each
 * image.
 */
async function leavingOut(parts: GanParts, repetitions: number, signal: AbortSignal) {
  const { generator, latents, places, none, all } = parts;
  const random = randomStream(2);
  const filters = places.length - 3;
  const cases = Array.from({ length: halves }, () => {
    const half = randomOrdering(random, filters).subarray(0, filters / 2);
    const intact = parts.intact([...half, ...Array.from({ length: 3 }, (_, colour) => filters + colour)]);
    return { intact, whole: generatorPasses(multiplied(generator, intact), latents) };
  });
  const passes = generatorPasses(generator, latents);
  for (const { intact, whole } of cases) {
    passes.set(intact);
    whole.set(all);
    checkSmall(difference(passes.images, whole.images));
  }
  const times = await medianTimes(
    repetitions,
    {
      leftOut() {
        for (const { intact } of cases) passes.set(intact);
      },
      multiplied() {
        for (const { whole } of cases) {
          whole.set(none);
          whole.set(all);
        }
      },
    },
    signal,
  );
  return { leftOut: times.leftOut / halves / faces, multiplied: times.multiplied / halves / faces };
}

/** A generator whose lesioned filters say 0 because what they say is multiplied by 0. */
function multiplied(generator: Generator, intact: Intact): Generator {
  const parts = generator.parts.map((part, l) => {
    const { norm } = part;
    if (!norm) return part;
    const masked = (array: Float32Array) => array.map((value, c) => (intact[l].includes(c) ? value : 0));
    return { ...part, norm: { ...norm, scale: masked(norm.scale), shift: masked(norm.shift) } };
  });
  return { ...generator, parts };
}
