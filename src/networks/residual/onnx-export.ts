import { has } from "../../kinds.js";
import { inputInfo } from "../onnx/assemble.js";
import { type Node, type StoredTensor, writeModel } from "../onnx/messages.js";
import { bytesOf } from "../onnx/types.js";
import type { FoldedConvolution, Residual } from "./residual.js";
import { residualLayers } from "./shape.js";

/**
 * A convolution network as an ONNX file, for any runtime: `images` `[images, 3, size, size]`, levels from 0 to 1, to
 * `logits`. The tensors `block1`, `block2`, ... are what the blocks say, after the sum and its SiLU: their channels are
 * the players. BatchNorm is in the convolutions. Numbers are float32.
 *
 * @returns the bytes of the file
 */
export function residualOnnx(network: Residual): Uint8Array {
  has("network", network, "a Residual", "shape", "convolutions");
  const { shape, convolutions } = network;
  const { stem, blocks } = residualLayers(shape);
  const nodes: Node[] = [];
  const stored: StoredTensor[] = [];
  const node = (opType: string, input: string[], output: string, attribute?: Node["attribute"]) => {
    nodes.push({ name: output, opType, input, output: [output], ...(attribute && { attribute }) });
    return output;
  };
  const store = (name: string, dims: number[], values: Float32Array) => {
    stored.push({ name, dims, dataType: float, rawData: bytesOf(values) });
    return name;
  };
  const byName = new Map(convolutions.map((convolution) => [convolution.name, convolution]));
  const convolve = (input: string, { name }: { readonly name: string }) => {
    const { kernel, stride, inputs, outputs, weights, biases } = byName.get(name) as FoldedConvolution;
    const edge = kernel === 3 ? 1 : 0;
    const parts = [
      input,
      store(`${name}/weights`, [outputs, inputs, kernel, kernel], weights),
      store(`${name}/biases`, [outputs], biases),
    ];
    return node("Conv", parts, `${name}/sums`, [
      list("kernel_shape", [kernel, kernel]),
      list("strides", [stride, stride]),
      list("pads", [edge, edge, edge, edge]),
    ]);
  };
  const silu = (input: string, name: string) => node("Mul", [input, node("Sigmoid", [input], `${name}/sigmoid`)], name);

  let x = silu(convolve("images", stem), "stem");
  for (const { name, first, second, shortcut } of blocks) {
    const inner = convolve(silu(convolve(x, first), first.name), second);
    x = silu(node("Add", [inner, shortcut ? convolve(x, shortcut) : x], `${name}/sum`), name);
  }
  const channels = shape.widths[shape.widths.length - 1];
  const averages = node("Flatten", [node("GlobalAveragePool", [x], "averages")], "features");
  node(
    "Gemm",
    [
      averages,
      store("dense/weights", [channels, shape.classes], network.denseWeights),
      store("dense/biases", [shape.classes], network.denseBiases),
    ],
    "logits",
  );
  return writeModel({
    irVersion: 7,
    opsetImport: [{ domain: "", version: 13 }],
    producerName: "shapley-modes",
    graph: {
      name: "residual",
      node: nodes,
      initializer: stored,
      input: [inputInfo("images", float, ["rows", 3, shape.size, shape.size])],
      output: [inputInfo("logits", float, ["rows", shape.classes])],
    },
  });
}

/** ONNX's codes of float32, and of attributes that are lists of whole numbers. */
const [float, ints] = [1, 7];

function list(name: string, values: number[]) {
  return { name, type: ints, ints: values };
}
