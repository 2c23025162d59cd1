import { FileError, invalid, positiveInteger } from "../errors.js";
import { checkRoom, checkWritable, writeWhole } from "../files.js";
import { decodeNumbers } from "../formats/tensor.js";
import { inputInfo } from "../networks/onnx/assemble.js";
import { GraphBuilder } from "../networks/onnx/graph-builder.js";
import { writeModel } from "../networks/onnx/messages.js";
import { knownOptions, type OptionNames } from "../options.js";
import { sizeText } from "../words.js";
import { checkedFolder, checkedPath } from "./checked-path.js";
import { openCheckpoint, type TensorOnDisk } from "./checkpoint.js";
import { type DecoderConfig, type ExpertsConfig, readConfig } from "./config.js";
import { turns, turnTable } from "./rotation.js";
import { checkNotOwn } from "./settings-files.js";
import { type FeedForward, type Linear, readDecoderWeights, type WeightKeeper, type Weights } from "./weights.js";

/** Options of {@link saveDecoderOnnx}. */
export interface SaveDecoderOnnxOptions {
  /** Tokens of a sequence, all equally many: shorter ones are filled up behind, which changes nothing in front. */
  readonly tokens: number;
}

const saveDecoderOnnxNames: OptionNames<SaveDecoderOnnxOptions> = { tokens: true };
/** Bytes that an ONNX file in one piece may have. */
const mostBytes = 2 ** 31 - 2 ** 20;
/** Version of the standard operators: others are not used. */
const operators = 17;
/** What is added to the scores of tokens that a query does not see. */
const unseen = -1e30;

/**
 * Writes a decoder as an ONNX file of standard operators, which any ONNX runtime computes: input `tokens`, int64
 * `[rows, tokens]`, output `logits`, `[rows, tokens, vocabulary]`. Experts are unrolled: all see all tokens, times a
 * gate that is 0 where the router did not pick them; so it is for small decoders. Tensors are called as units: `L1/E3`
 * is what expert 3 of layer 1 adds, `L1/router` the logits of its router, `L1/gates` the gates; read again by
 * `loadNetwork`, these are sites.
 *
 * @param from the folder of a checkpoint, as `loadDecoder` reads it
 * @param path of the ONNX file
 * @throws RangeError for more tokens than the decoder has positions; FileError as `loadDecoder`, and for more weights
 *   than a file in one piece may have
 * @example
 * await saveDecoderOnnx("checkpoint", "decoder.onnx", { tokens: 16 });
 */
export async function saveDecoderOnnx(from: string, path: string, options: SaveDecoderOnnxOptions): Promise<void> {
  knownOptions("saveDecoderOnnx", options, saveDecoderOnnxNames);
  checkedPath("path", "the path of a file", path);
  checkedFolder("from", from);
  const tokens = positiveInteger("tokens", options.tokens);
  checkWritable(path);
  const config = readConfig(from);
  if (tokens > config.positions)
    throw invalid("tokens", `at most ${config.positions}, the decoder's positions`, tokens);
  const checkpoint = openCheckpoint(from);
  checkNotOwn(from, path, checkpoint.files);
  const graph = new GraphBuilder("n");
  let bytes = 0;
  const add = (tensor: TensorOnDisk): void => {
    bytes += 4 * tensor.shape.reduce((product, length) => product * length, 1);
  };
  const tensors = new Map<unknown, TensorOnDisk>();
  const keeper: WeightKeeper = {
    matrix(tensor) {
      add(tensor);
      const matrix = { outputs: tensor.shape[0], inputs: tensor.shape[1] };
      tensors.set(matrix, tensor);
      return matrix;
    },
    embeddings(tensor) {
      add(tensor);
      tensors.set("embeddings", tensor);
      return () => new Float32Array();
    },
  };
  const weights = readDecoderWeights(config, checkpoint, keeper);
  if (bytes > mostBytes) {
    throw new FileError(
      from,
      `has ${sizeText(bytes)} of weights in float32; an ONNX file has at most ${sizeText(mostBytes)}`,
    );
  }
  checkRoom(path, bytes);
  writeDecoder(graph, config, weights, tensors, tokens);
  const model = writeModel({
    irVersion: 8,
    producerName: "shapley-modes",
    opsetImport: [{ domain: "", version: operators }],
    graph: {
      name: config.kind,
      node: graph.nodes,
      initializer: graph.stored,
      input: [inputInfo("tokens", 7, ["rows", tokens])],
      output: [inputInfo("logits", 1, ["rows", tokens, config.vocabulary])],
    },
  });
  writeWhole(path, model);
}

function writeDecoder(
  graph: GraphBuilder,
  config: DecoderConfig,
  weights: Weights,
  tensors: ReadonlyMap<unknown, TensorOnDisk>,
  count: number,
): void {
  const { heads, keyHeads, headWidth } = config;
  const scalar = (value: number) => graph.numbers([], Float32Array.of(value));
  const epsilon = scalar(config.epsilon);
  const two = scalar(2);

  function numbersOf(key: unknown): Float32Array {
    const { size, read, dtype } = tensors.get(key) as TensorOnDisk;
    const bytes = new Uint8Array(size);
    read(0, bytes);
    return decodeNumbers(bytes, dtype);
  }
  function linear(x: string, { weights: matrix, bias }: Linear, output?: string): string {
    const { outputs, inputs } = matrix;
    const transposed = graph.numbers([inputs, outputs], transpose(numbersOf(matrix), outputs, inputs));
    if (!bias) return graph.node("MatMul", [x, transposed], named(output));
    return graph.node("Add", [graph.node("MatMul", [x, transposed]), graph.numbers([outputs], bias)], named(output));
  }
  function norm(x: string, scales: Float32Array): string {
    const squares = graph.node("ReduceMean", [graph.node("Pow", [x, two])], {
      attributes: { axes: [-1], keepdims: 1 },
    });
    const root = graph.node("Sqrt", [graph.node("Add", [squares, epsilon])]);
    return graph.node("Mul", [graph.node("Div", [x, root]), graph.numbers([scales.length], scales)]);
  }
  function feedForward(x: string, { gate, up, down }: FeedForward): string {
    const g = linear(x, gate);
    const hidden = graph.node("Mul", [graph.node("Mul", [g, graph.node("Sigmoid", [g])]), linear(x, up)]);
    return linear(hidden, down);
  }

  const { cosines, sines } = turnTable(turns(config.rotation, headWidth, "float32"), count);
  const twice = (half: Float32Array) =>
    Float32Array.from({ length: count * headWidth }, (_, i) => {
      const [position, d] = [Math.floor(i / headWidth), i % headWidth];
      return half[(position * headWidth) / 2 + (d % (headWidth / 2))];
    });
  const [cosine, sine] = [cosines, sines].map((half) => graph.numbers([count, headWidth], twice(half)));
  const turned = (x: string) => {
    const halves = [`${x}/first`, `${x}/second`];
    graph.node("Split", [x], { output: halves, attributes: { axis: -1 } });
    const swapped = graph.node("Concat", [graph.node("Neg", [halves[1]]), halves[0]], { attributes: { axis: -1 } });
    return graph.node("Add", [graph.node("Mul", [x, cosine]), graph.node("Mul", [swapped, sine])]);
  };
  const limit = config.clip;
  const limited = (x: string) => (limit === undefined ? x : graph.node("Clip", [x, scalar(-limit), scalar(limit)]));
  /** Heads one after the other, `[rows, heads, tokens, headWidth]`. */
  function split(x: string, own: number, scales: Float32Array | undefined, turning: boolean): string {
    const together = limited(scales && config.headNorms === "together" ? norm(x, scales) : x);
    const apart = graph.node("Reshape", [together, graph.integers([0, 0, own, headWidth])]);
    const normed = scales && config.headNorms === "each" ? limited(norm(apart, scales)) : apart;
    const first = graph.node("Transpose", [normed], { attributes: { perm: [0, 2, 1, 3] } });
    const all = turning ? turned(first) : first;
    if (own === heads) return all;
    const which = Array.from({ length: heads }, (_, h) => Math.floor((h * keyHeads) / heads));
    return graph.node("Gather", [all, graph.integers(which)], { attributes: { axis: 1 } });
  }
  const masks = new Map<number | undefined, string>();
  function maskOf(window: number | undefined): string {
    const known = masks.get(window);
    if (known !== undefined) return known;
    const mask = Float32Array.from({ length: count * count }, (_, i) => {
      const [query, key] = [Math.floor(i / count), i % count];
      return key > query || (window !== undefined && key <= query - window) ? unseen : 0;
    });
    const name = graph.numbers([count, count], mask);
    masks.set(window, name);
    return name;
  }

  const embeddings = tensors.get("embeddings") as TensorOnDisk;
  const table = graph.numbers([...embeddings.shape], numbersOf("embeddings"));
  let x = graph.node("Gather", [table, "tokens"], { output: "embedded" });
  for (const [l, layer] of weights.layers.entries()) {
    const own = layer.attention;
    const before = norm(x, layer.attentionNorm);
    const q = split(linear(before, own.queries), heads, own.queryNorm, true);
    const k = split(linear(before, own.keys), keyHeads, own.keyNorm, true);
    const v = split(linear(before, own.values), keyHeads, undefined, false);
    const flipped = graph.node("Transpose", [k], { attributes: { perm: [0, 1, 3, 2] } });
    const scores = graph.node("Mul", [graph.node("MatMul", [q, flipped]), scalar(1 / Math.sqrt(headWidth))]);
    const seen = graph.node("Add", [scores, maskOf(config.windows[l])]);
    const mixed = graph.node("MatMul", [graph.node("Softmax", [seen], { attributes: { axis: -1 } }), v]);
    const back = graph.node("Transpose", [mixed], { attributes: { perm: [0, 2, 1, 3] } });
    const joined = graph.node("Reshape", [back, graph.integers([0, 0, heads * headWidth])], { output: `L${l}/heads` });
    x = graph.node("Add", [x, linear(joined, own.output)], { output: `L${l}/attended` });
    const normed = norm(x, layer.feedForwardNorm);
    const terms: string[] = [];
    if (layer.experts) {
      const { router, experts, shared } = layer.experts;
      const gates = gatesOf(graph, linear(normed, { weights: router, bias: undefined }, `L${l}/router`), l, config);
      experts.forEach((expert, e) => {
        const gate = graph.node("Gather", [gates, graph.integers([e])], { attributes: { axis: -1 } });
        terms.push(graph.node("Mul", [feedForward(normed, expert), gate], { output: `L${l}/E${e}` }));
      });
      if (shared) {
        const gate = graph.node("Sigmoid", [linear(normed, { weights: shared.gate, bias: undefined })]);
        terms.push(graph.node("Mul", [feedForward(normed, shared.expert), gate], { output: `L${l}/shared` }));
      }
    } else {
      terms.push(graph.node("Identity", [feedForward(normed, layer.dense as FeedForward)], { output: `L${l}/dense` }));
    }
    const sum = terms.length === 1 ? terms[0] : graph.node("Sum", terms);
    x = graph.node("Add", [x, sum], { output: `L${l}` });
  }
  linear(norm(x, weights.norm), { weights: weights.head, bias: undefined }, "logits");
}

/** The gates of all experts, 0 where the router did not pick them: `[rows, tokens, experts]`. */
function gatesOf(graph: GraphBuilder, logits: string, l: number, { experts }: DecoderConfig): string {
  const { perToken, normalised } = experts as ExpertsConfig;
  const last = { axis: -1 };
  const from = normalised ? logits : graph.node("Softmax", [logits], { attributes: last });
  const [values, places] = [`L${l}/picked`, `L${l}/picks`];
  graph.node("TopK", [from, graph.integers([perToken])], { output: [values, places], attributes: last });
  const shares = normalised ? graph.node("Softmax", [values], { attributes: last }) : values;
  const zeros = graph.node("ConstantOfShape", [graph.node("Shape", [logits])]);
  return graph.node("ScatterElements", [zeros, places, shares], { output: `L${l}/gates`, attributes: last });
}

function named(output: string | undefined): { output?: string } {
  return output === undefined ? {} : { output };
}

function transpose(numbers: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(numbers.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = numbers[i * columns + j];
  return turned;
}
