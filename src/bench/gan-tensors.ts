import type { JsonObject } from "../json.js";
import { forwardImages, inferenceLayers } from "../networks/dcgan/inference.js";
import { tensorPasses } from "../networks/dcgan/tensor-passes.js";
import { backendLabel, describeBackends, loadTensorflow, type TensorBackend } from "../tensors/backend.js";
import type { Tensor } from "../tensors/tensorflow.js";
import { faces, type GanParts, ganParts, type PaintTimes, paintAnswer, paintTimes } from "./gan-parts.js";
import { type Answer, type Question, short } from "./question.js";

const usualRepetitions = 5;

/** The tensor backends that load, the best first: what lesions cost. */
export const ganTensors: Question = {
  name: "tensors",
  asks: "how long does a lesioned image take on TensorFlow.js, against one with nothing lesioned (a generator of faces)?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const parts = await ganParts();
    const rows: (PaintTimes & { readonly backend: string })[] = [];
    for (const { name, available } of await describeBackends()) {
      if (!available || name === "cpu") continue; // plain JavaScript takes a hundred times as long
      const loaded = await loadTensorflow(name);
      rows.push({ backend: backendLabel(loaded), ...(await measure(parts, loaded, repetitions, signal)) });
    }
    const [best] = rows;
    const others = rows.slice(1).map(({ backend, lesioned, forward }) => {
      const times = `${short(lesioned)} ms lesioned, ${short(forward)} ms in a plain forward pass, ratio ${short(forward / lesioned)}`;
      return `besides   ${backend}: ${times}`;
    });
    const answer = paintAnswer(`TensorFlow.js (${best.backend})`, best, repetitions, others);
    return { ...answer, numbers: { ...answer.numbers, rows: rows.map((row): JsonObject => ({ ...row })) } };
  },
};

async function measure(
  parts: GanParts,
  { tf }: TensorBackend,
  repetitions: number,
  signal: AbortSignal,
): Promise<PaintTimes> {
  const { generator, latents } = parts;
  const layers = inferenceLayers(tf, generator);
  const given = tf.tensor2d(latents, [faces, generator.latents]);
  const passes = await tensorPasses(generator, latents);
  async function forward(): Promise<Float32Array> {
    const images = forwardImages(tf, layers, given);
    const data = await images.data<"float32">();
    images.dispose();
    return data;
  }
  const times = await paintTimes(parts, { passes, forward }, repetitions, signal);
  passes.dispose();
  tf.dispose([given, ...(layers as unknown as Tensor[])]);
  return times;
}
