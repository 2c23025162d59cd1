import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inputInfo } from "../networks/onnx/assemble.js";
import { type Attribute, type Node, type StoredTensor, writeModel } from "../networks/onnx/messages.js";
import { bytesOf } from "../networks/onnx/types.js";
import { packageRoot } from "../package.js";
import { shapeSize } from "../shape-size.js";

/** ONNX's codes of float32, and of attributes that are lists of whole numbers. */
const [float, ints] = [1, 7];

/**
 * The package's convolution network of digits (data/checkpoints/cnn: filters 8 and 16, neurons 16) as an ONNX file:
 * `images` `[rows, 1, 28, 28]` to `logits`, its players behind their ReLU in `conv1`, `conv2` and `dense1`.
 */
export function convolutionOnnx(): Uint8Array {
  const folder = join(packageRoot, "data", "checkpoints", "cnn");
  const { weightsManifest } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as {
    weightsManifest: { weights: { name: string; shape: number[] }[] }[];
  };
  const bytes = readFileSync(join(folder, "weights.bin"));
  const kept = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape } of weightsManifest[0].weights) {
    const end = at + 4 * shapeSize(shape);
    kept.set(name, new Float32Array(new Uint8Array(bytes.subarray(at, end)).buffer));
    at = end;
  }
  const initializer: StoredTensor[] = [];
  const nodes: Node[] = [];
  const store = (name: string, dims: number[], values: Float32Array) => {
    initializer.push({ name, dims, dataType: float, rawData: bytesOf(values) });
    return name;
  };
  const node = (opType: string, input: string[], output: string, attribute: Attribute[] = []) => {
    nodes.push({ name: output, opType, input, output: [output], attribute });
    return output;
  };
  const list = (name: string, values: number[]): Attribute => ({ name, type: ints, ints: values });
  /** Kernels are `[side, side, inputs, outputs]` there, `[outputs, inputs, side, side]` here. */
  const convolve = (x: string, name: string, side: number, inputs: number, outputs: number) => {
    const kernel = kept.get(`${name}/kernel`) as Float32Array;
    const taps = side * side;
    const weights = new Float32Array(kernel.length);
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          weights[(o * inputs + i) * taps + tap] = kernel[(tap * inputs + i) * outputs + o];
        }
      }
    }
    const bias = store(`${name}/bias`, [outputs], kept.get(`${name}/bias`) as Float32Array);
    const filter = store(`${name}/kernel`, [outputs, inputs, side, side], weights);
    const sums = node("Conv", [x, filter, bias], `${name}/sums`, [list("kernel_shape", [side, side])]);
    const said = node("Relu", [sums], name);
    return node("MaxPool", [said], `${name}/pooled`, [list("kernel_shape", [2, 2]), list("strides", [2, 2])]);
  };
  const dense = (x: string, name: string, inputs: number, outputs: number, output: string) =>
    node(
      "Gemm",
      [
        x,
        store(`${name}/kernel`, [inputs, outputs], kept.get(`${name}/kernel`) as Float32Array),
        store(`${name}/bias`, [outputs], kept.get(`${name}/bias`) as Float32Array),
      ],
      output,
    );
  const pooled = convolve(convolve("images", "conv1", 5, 1, 8), "conv2", 3, 8, 16);
  // Places before channels, as the dense layer was trained.
  const turned = node("Transpose", [pooled], "turned", [list("perm", [0, 2, 3, 1])]);
  const hidden = node("Relu", [dense(node("Flatten", [turned], "flat"), "dense1", 400, 16, "dense1/sums")], "dense1");
  dense(hidden, "dense2", 16, 10, "logits");
  return writeModel({
    irVersion: 7,
    opsetImport: [{ domain: "", version: 13 }],
    producerName: "shapley-modes",
    graph: {
      name: "convolutions",
      node: nodes,
      initializer,
      input: [inputInfo("images", float, ["rows", 1, 28, 28])],
      output: [inputInfo("logits", float, ["rows", 10])],
    },
  });
}
