import { siteOf } from "../networks/sites.js";
import { loadTfjs } from "../networks/tfjs/load.js";
import { batchesAnswer } from "./network-batches.js";
import { basicPitchPath, noise } from "./networks.js";
import type { Answer, Question } from "./question.js";

const samples = 43_844;
/** Filters of the last convolution before the notes, and of the first. */
const sites = ["StatefulPartitionedCall/model_1/re_lu_3/Relu", "StatefulPartitionedCall/model_1/re_lu_1/Relu"];
const output = "Identity_2";

/** Any TensorFlow.js model: what computing the first layers once saves, and what masks cost. */
export const networkTfjs: Question = {
  name: "tfjs",
  asks: "how long does one coalition of a TensorFlow.js model take in batches (Basic Pitch, two seconds of sound)?",
  async answer(signal: AbortSignal, repetitions = 3): Promise<Answer> {
    const network = await loadTfjs(basicPitchPath());
    const sound = noise(samples);
    const notes = siteOf(network, "StatefulPartitionedCall/model_1/conv2d_5/Sigmoid");
    return batchesAnswer(
      {
        network,
        what: "Basic Pitch, sound to notes",
        inputs: sound,
        output,
        sites,
        coalitions: 8,
        repetitions,
        plain(rows) {
          const repeated = new Float32Array(rows * samples);
          for (let row = 0; row < rows; row++) repeated.set(sound, row * samples);
          return network.activations({ count: rows, data: [repeated] }, [notes]);
        },
      },
      signal,
    );
  },
};
