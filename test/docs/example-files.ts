// The files that examples of the documentation read.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toNpy } from "../../src/formats/npy.js";
import { seeded } from "../../src/notebook/tools/seeded.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "../decoders/tiny-checkpoint.js";
import { graphOf, onnxFile, port, weight } from "../networks/onnx/build.js";

/**
 * Writes into a folder: `network.onnx`, a convolution (`conv1`, eight filters) with ten classes for images of 3 x 8 x
 * 8; `images.npy`, twenty of these, and `classes.npy`; `my-game.mjs`; `checkpoint/`, a Mixtral of bytes.
 */
export function writeExampleFiles(folder: string): void {
  const random = seeded(1);
  const graph = graphOf({
    nodes: [
      ["Conv", ["images", "filters", "biases"], ["conv1"], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
      ["Relu", ["conv1"], ["relu1"]],
      ["GlobalAveragePool", ["relu1"], ["pooled"]],
      ["Flatten", ["pooled"], ["features"]],
      ["Gemm", ["features", "weights", "offsets"], ["logits"], { transB: 1 }],
    ],
    inputs: [port("images", ["batch", 3, 8, 8])],
    outputs: [port("logits", ["batch", 10])],
    weights: [
      weight("filters", [8, 3, 3, 3], random.normals(8 * 27)),
      weight("biases", [8], random.normals(8)),
      weight("weights", [10, 8], random.normals(80)),
      weight("offsets", [10], new Float32Array(10)),
    ],
  });
  writeFileSync(join(folder, "network.onnx"), onnxFile(graph));
  const images = Float32Array.from(random.normals(20 * 192));
  writeFileSync(join(folder, "images.npy"), toNpy({ shape: [20, 3, 8, 8], values: images }));
  const classes = Float32Array.from({ length: 20 }, (_, i) => i % 10);
  writeFileSync(join(folder, "classes.npy"), toNpy({ shape: [20], values: classes }));
  writeFileSync(
    join(folder, "my-game.mjs"),
    "export const myGame = (n) => ({ units: n, value: (intact) => intact.size ** 2 });\n",
  );
  const config = tinyConfig("mixtral", { vocab_size: 260, bos_token_id: 256 });
  const tasks = [{ name: "addition", questions: [{ prompt: "47+38=", answer: "85" }] }];
  writeFileSync(join(folder, "tasks.json"), JSON.stringify({ tasks }));
  writeCheckpoint(join(folder, "checkpoint"), config, randomTensors(config, 1));
}
