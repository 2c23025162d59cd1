import { has } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { inputInfo } from "../onnx/assemble.js";
import { type Model, type Node, type StoredTensor, writeModel } from "../onnx/messages.js";
import { bytesOf } from "../onnx/types.js";
import type { Generator, GeneratorLayer } from "./generator.js";
import { affine } from "./inference.js";
import { imageSize } from "./size.js";

/** Options of {@link generatorOnnx}. */
export interface GeneratorOnnxOptions {
  /**
   * Whether each layer has a mask, an input `layer1/mask`, ..., `[images or 1, channels, 1, 1]`, that its channels are
   * multiplied by after the ReLU, in the last layer after the sigmoid; default false.
   */
  readonly masks?: boolean;
}

/** The names of `GeneratorOnnxOptions`. */
export const generatorOnnxOptionNames: OptionNames<GeneratorOnnxOptions> = { masks: true };

/**
 * A generator as an ONNX file, for any runtime: `latents` `[images, latents]` to `images` `[images, 3, size, size]`.
 * BatchNorm is folded into the convolutions. Without masks the tensors `layer1`, ... are what the layers say, after the
 * ReLU: the sites of `loadOnnx`.
 *
 * @returns the bytes of the file
 * @example
 * writeFileSync("generator.onnx", await generatorOnnx(generator));
 */
export async function generatorOnnx(generator: Generator, options: GeneratorOnnxOptions = {}): Promise<Uint8Array> {
  knownOptions("generatorOnnx", options, generatorOnnxOptionNames);
  has("generator", generator, "a Generator", "layers", "latents");
  return writeModel(generatorModel(generator, { masks: options.masks ?? false }));
}

/** Names of the tensors of a generator's model; layers count from 0 here, from 1 in names. */
export const onnxNames = {
  latents: "latents",
  images: "images",
  mask: (l: number) => `layer${l + 1}/mask`,
  /** What a layer says when nothing of it is lesioned. */
  whole: (l: number) => `layer${l + 1}/whole`,
  /** What the next layer takes in. */
  said: (l: number) => `layer${l + 1}`,
};

/** Which part of a generator a model is. */
export interface ModelPart {
  readonly masks: boolean;
  /** The layer whose whole output is the input; default none: the latents are. */
  readonly from?: number;
  /** Whether what later layers say before their masks are outputs as well. */
  readonly wholes?: boolean;
}

/** A generator as a model, or what comes behind one of its layers. */
export function generatorModel(generator: Generator, { masks, from = -1, wholes }: ModelPart): Model {
  const { parts, layers, latents } = generator;
  const nodes: Node[] = [];
  const stored: StoredTensor[] = [];
  const inputs = [];
  const outputs = [];
  const shape = (l: number) => ["images", parts[l].outputs, 4 * 2 ** l, 4 * 2 ** l];
  if (from < 0) {
    inputs.push(inputInfo(onnxNames.latents, float, ["images", latents]));
    stored.push({
      name: "pixel",
      dims: [4],
      dataType: int64,
      rawData: bytesOf(BigInt64Array.of(-1n, BigInt(latents), 1n, 1n)),
    });
    nodes.push({ opType: "Reshape", input: [onnxNames.latents, "pixel"], output: ["layer0"] });
  } else inputs.push(inputInfo(onnxNames.whole(from), float, shape(from)));

  for (let l = Math.max(0, from); l < layers; l++) {
    const last = l === layers - 1;
    const said = last ? onnxNames.images : onnxNames.said(l);
    const whole = masks ? onnxNames.whole(l) : said;
    if (l > from) {
      const { weights, biases } = folded(parts[l]);
      const input = [onnxNames.said(l - 1), `layer${l + 1}/weights`];
      stored.push(floats(input[1], [parts[l].inputs, parts[l].outputs, 4, 4], weights));
      if (biases) {
        input.push(`layer${l + 1}/biases`);
        stored.push(floats(input[2], [biases.length], biases));
      }
      const sums = `layer${l + 1}/sums`;
      nodes.push({
        opType: "ConvTranspose",
        input,
        output: [sums],
        attribute: l === 0 ? [taps] : [taps, strides, pads],
      });
      nodes.push({ opType: last ? "Sigmoid" : "Relu", input: [sums], output: [whole] });
      if (wholes) outputs.push(inputInfo(whole, float, shape(l)));
    }
    if (masks) {
      inputs.push(inputInfo(onnxNames.mask(l), float, [`masks of layer ${l + 1}`, parts[l].outputs, 1, 1]));
      nodes.push({ opType: "Mul", input: [whole, onnxNames.mask(l)], output: [said] });
    }
  }
  outputs.push(inputInfo(onnxNames.images, float, ["images", 3, imageSize(generator), imageSize(generator)]));
  return {
    irVersion: 7,
    opsetImport: [{ domain: "", version: 13 }],
    producerName: "shapley-modes",
    graph: { name: "generator", node: nodes, initializer: stored, input: inputs, output: outputs },
  };
}

/** ONNX's codes of kinds of numbers, and of attributes that are lists of whole numbers. */
const [float, int64, ints] = [1, 7, 7];
const taps = { name: "kernel_shape", type: ints, ints: [4, 4] };
const strides = { name: "strides", type: ints, ints: [2, 2] };
const pads = { name: "pads", type: ints, ints: [1, 1, 1, 1] };

function floats(name: string, dims: number[], values: Float32Array): StoredTensor {
  return { name, dims, dataType: float, rawData: bytesOf(values) };
}

/** A layer's weights times the slopes of its BatchNorm, and the shifts as biases. */
function folded({ outputs, weights, norm }: GeneratorLayer) {
  if (!norm) return { weights };
  const { slope, shift } = affine(norm);
  return { weights: weights.map((weight, i) => weight * slope[(i >> 4) % outputs]), biases: shift };
}
