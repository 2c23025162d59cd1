import type { Mlp } from "../../../src/networks/mlp/mlp.js";
import { type Model, readModel, writeModel } from "../../../src/networks/onnx/messages.js";

/** ONNX's codes of kinds of numbers. */
export const float = 1;
export const int64 = 7;

export type NodeSpec = [operator: string, inputs: string[], outputs: string[], attributes?: Record<string, unknown>];
/** A graph, as protobuf takes it. */
export interface GraphSpec {
  name: string;
  node: { opType: string; domain: string; name: string; input: string[]; output: string[]; attribute: object[] }[];
  input: ReturnType<typeof port>[];
  output: ReturnType<typeof port>[];
  initializer: ReturnType<typeof weight>[];
}

/** A stored tensor of single-precision numbers. */
export function weight(name: string, dims: number[], values: ArrayLike<number>) {
  const data = Float32Array.from(values);
  return { name, dims, dataType: float, rawData: new Uint8Array(data.buffer) };
}

/** A stored tensor of 64-bit integers. */
export function integers(name: string, dims: number[], values: number[]) {
  return { name, dims, dataType: int64, rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer) };
}

/** An input or output; a text is a size left open. */
export function port(name: string, dims: (number | string)[] | undefined, elemType = float) {
  const dim = dims?.map((length) => (typeof length === "string" ? { dimParam: length } : { dimValue: length }));
  return { name, type: { tensorType: { elemType, ...(dim && { shape: { dim } }) } } };
}

/** Attributes of a node: whole numbers, numbers, lists of whole numbers and graphs. */
function attributesOf(attributes: Record<string, unknown>): object[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (Array.isArray(value)) return { name, type: 7, ints: value };
    if (typeof value === "string") return { name, type: 3, s: Buffer.from(value) };
    if (typeof value === "object") return { name, type: 5, g: value as GraphSpec };
    return Number.isInteger(value) ? { name, type: 2, i: value as number } : { name, type: 1, f: value as number };
  });
}

/** A graph of nodes, for a model or a branch. */
export function graphOf(parts: {
  nodes: NodeSpec[];
  inputs?: ReturnType<typeof port>[];
  outputs: ReturnType<typeof port>[];
  weights?: ReturnType<typeof weight>[];
}): GraphSpec {
  return {
    name: "graph",
    node: parts.nodes.map(([opType, input, output, attributes = {}]) => {
      const [domain, operator] = opType.includes(":") ? opType.split(":") : ["", opType];
      return { opType: operator, domain, input, output, name: output[0], attribute: attributesOf(attributes) };
    }),
    input: parts.inputs ?? [],
    output: parts.outputs,
    initializer: parts.weights ?? [],
  };
}

/** The bytes of an ONNX file. */
export function onnxFile(
  graph: GraphSpec,
  version = 13,
  domains: string[] = [],
  rest: Partial<Model> = {},
): Uint8Array {
  return writeModel({
    irVersion: 7,
    opsetImport: [{ domain: "", version }, ...domains.map((domain) => ({ domain, version: 1 }))],
    ...rest,
    graph,
  });
}

/** The same type with all of it open to change. */
type Open<T> = T extends Uint8Array ? T : T extends object ? { -readonly [K in keyof T]: Open<T[K]> } : T;

/** Reads a file, lets a function change it, and writes it again. */
export function changed(bytes: Uint8Array, change: (model: Open<Model>) => void): Uint8Array {
  const model = structuredClone(readModel(bytes)) as Open<Model>;
  change(model);
  return writeModel(model as Model);
}

/** The same network as an MLP: tensors `hidden`, `leaky` and `logits`. */
export function mlpAsOnnx(mlp: Mlp, version = 13): Uint8Array {
  const weights = mlp.layers.flatMap(({ inputs, outputs, weights, biases }, l) => [
    weight(`w${l + 1}`, [outputs, inputs], weights),
    weight(`b${l + 1}`, [outputs], biases),
  ]);
  const [{ inputs }, { outputs }] = mlp.layers;
  const nodes: NodeSpec[] = [
    ["Gemm", ["x", "w1", "b1"], ["hidden"], { transB: 1 }],
    ["LeakyRelu", ["hidden"], ["leaky"], { alpha: mlp.negativeSlopes[0] }],
    ["Gemm", ["leaky", "w2", "b2"], ["logits"], { transB: 1 }],
  ];
  const ports = { inputs: [port("x", ["rows", inputs])], outputs: [port("logits", ["rows", outputs])] };
  return onnxFile(graphOf({ nodes, weights, ...ports }), version);
}
