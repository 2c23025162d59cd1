import { readBytes } from "../files.js";
import { loadOnnx } from "../networks/onnx/load.js";
import { parseModel } from "../networks/onnx/parse.js";
import { loadRuntime } from "../networks/onnx/runtime.js";
import { batchesAnswer } from "./network-batches.js";
import { noise, textDirectionPath, textLine } from "./networks.js";
import type { Answer, Question } from "./question.js";

const inputs = 4;
/** A convolution in the middle of the 53, and the first. */
const sites = ["conv2d_73.tmp_0", "conv2d_53.tmp_0"];

/** Any ONNX network: what batches and computing the first layers once save, and what masks cost. */
export const networkOnnx: Question = {
  name: "onnx",
  asks: "how long does one coalition of an ONNX convolution network take in batches (PP-OCR's classifier, 4 images, one thread)?",
  async answer(signal: AbortSignal, repetitions = 5): Promise<Answer> {
    const path = textDirectionPath();
    const network = await loadOnnx(path, { shape: textLine, threads: 1 });
    const images = noise(inputs * 3 * 48 * 192);
    const runtime = await loadRuntime(path, { threads: 1 });
    const session = await runtime.session((await parseModel(readBytes(path), path)).model);
    const [{ name }] = network.inputs;
    return batchesAnswer(
      {
        network,
        what: "PP-OCR's classifier of text lines, 53 convolutions",
        inputs: images,
        output: network.outputs[0].name,
        sites,
        coalitions: 16,
        repetitions,
        plain(rows) {
          const repeated = new Float32Array((rows / inputs) * images.length);
          for (let at = 0; at < repeated.length; at += images.length) repeated.set(images, at);
          return session.run({ [name]: runtime.tensor("float32", repeated, [rows, ...textLine]) });
        },
      },
      signal,
    );
  },
};
