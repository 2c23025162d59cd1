import { generatorModel, onnxNames } from "../networks/dcgan/onnx-export.js";
import { onnxPasses } from "../networks/dcgan/onnx-passes.js";
import { generatorPasses } from "../networks/dcgan/passes.js";
import { loadRuntime } from "../networks/onnx/runtime.js";
import { checkSmall, difference, faces, ganParts, paintAnswer, paintTimes, walk } from "./gan-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 15;
const orderingRepetitions = 5;

/** ONNX Runtime: what masks cost. */
export const ganOnnx: Question = {
  name: "onnx",
  asks: "how long does a lesioned image take on ONNX Runtime, against one with nothing lesioned (a generator of faces, one thread)?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const parts = await ganParts();
    const { generator, latents } = parts;
    const runtime = await loadRuntime("the generator", { threads: 1 });
    const session = await runtime.session(generatorModel(generator, { masks: false }));
    const given = { [onnxNames.latents]: runtime.tensor("float32", latents, [faces, generator.latents]) };
    const passes = await onnxPasses(generator, latents);
    const forward = async () => (await session.run(given))[onnxNames.images].data as Float32Array;
    const times = await paintTimes(parts, { passes, forward }, repetitions, signal);
    const kernel = generatorPasses(generator, latents);
    const orderings = await medianTimes(
      Math.min(orderingRepetitions, repetitions),
      { onnx: () => walk(passes, parts), kernel: () => walk(kernel, parts) },
      signal,
    );
    checkSmall(difference(passes.images, kernel.images));
    passes.dispose();
    session.dispose();
    const line = `ordering  ${short(orderings.onnx)} ms for one of all units; ${short(orderings.kernel)} ms on this package's own kernel in the same run`;
    const answer = paintAnswer("ONNX Runtime, one thread", times, repetitions, [line]);
    const numbers = { ordering_ms: orderings.onnx, kernel_ordering_ms: orderings.kernel };
    return { ...answer, numbers: { ...answer.numbers, ...numbers } };
  },
};
