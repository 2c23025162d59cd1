import { generatorModel, onnxNames } from "../../networks/dcgan/onnx-export.js";
import { onnxPasses } from "../../networks/dcgan/onnx-passes.js";
import { loadRuntime } from "../../networks/onnx/runtime.js";
import { loadSchema } from "../../networks/onnx/schema.js";
import { faces, ganParts, paintAnswer, paintTimes } from "./gan-parts.js";
import type { Answer, Question } from "./question.js";

const repetitions = 15;

/** ONNX Runtime: what masks cost. */
export const ganOnnx: Question = {
  name: "onnx",
  asks: "how long does a lesioned image take on ONNX Runtime, against one with nothing lesioned (a generator of faces, one thread)?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const parts = await ganParts();
    const { generator, latents } = parts;
    const runtime = await loadRuntime("the generator", { threads: 1 });
    const session = await runtime.session(generatorModel(await loadSchema(), generator, { masks: false }));
    const given = { [onnxNames.latents]: runtime.tensor("float32", latents, [faces, generator.latents]) };
    const passes = await onnxPasses(generator, latents);
    const forward = async () => (await session.run(given))[onnxNames.images].data as Float32Array;
    const times = await paintTimes(parts, { passes, forward }, repetitions, signal);
    passes.dispose();
    session.dispose();
    return paintAnswer("ONNX Runtime, one thread", times, repetitions, []);
  },
};
