import { type Attribute, type GraphNode, isChannelsFirst, textOf } from "./graph-nodes.js";

/** Operations that a pass can not compute, by what they have in common. */
const refused: readonly (readonly [operations: RegExp, reason: string])[] = [
  [
    /^(Ref)?(Enter|Exit|Merge|Switch|NextIteration)$|^LoopCond$|^(Stateless)?(If|While|Case)$|^if$|^For$|^(Stateful)?PartitionedCall$/,
    "control flow: which nodes are computed depends on the values",
  ],
  [/^Tensor(Array|List)|^EmptyTensorList/, "a list of tensors"],
  [/Table/, "a lookup table"],
  [
    /^String|^StaticRegex|^RegexReplace$|^(Decode|Encode|Parse|Serialize)|^AsString$|^(Unicode|Substr|Tokenize)/,
    "text or encoded data",
  ],
  [
    /^(Where|ListDiff|NonMaxSuppression.*)$/,
    "how many numbers it puts out depends on the values, which TensorFlow.js computes in executeAsync only",
  ],
  [/^FakeQuant/, "rounds to a grid, which TensorFlow.js leaves out"],
];

const random =
  /^(Stateless|Stateful)?(Random|TruncatedNormal|ParameterizedTruncatedNormal|Multinomial|Bernoulli)|^(StatelessM|StatefulM)ultinomial|Sampl(e|ing)|CandidateSampler|^Stateful(Uniform|StandardNormal|TruncatedNormal)|^Rng/;

/**
 * Why a node can not be computed as TensorFlow does; undefined where it can, as far as its operation and attributes
 * tell.
 */
export function refusalOf(node: GraphNode): string | undefined {
  const { op } = node;
  const found = refused.find(([operations]) => operations.test(op));
  if (found) return found[1];
  return ignored.find(([operations, matters]) => operations.test(op) && matters(node))?.[2];
}

/** Whether an operation draws random numbers. */
export function isRandom(op: string): boolean {
  return random.test(op);
}

const numbersOf = (attribute: Attribute | undefined) =>
  ((attribute?.list as { i?: unknown[] } | undefined)?.i ?? []).map(Number);
const isOnes = (attribute: Attribute | undefined) => numbersOf(attribute).every((length) => length === 1);

/**
 * Attributes that TensorFlow.js reads over (its executors, 4.22): for which nodes that matters, and what it goes by.
 */
const ignored: readonly (readonly [operations: RegExp, matters: (node: GraphNode) => boolean, reason: string])[] = [
  [
    /^(BiasAdd|AvgPool|MaxPool|AvgPool3D|MaxPool3D|MaxPoolWithArgmax|Conv2DBackpropInput|FusedBatchNorm(V[23])?)$/,
    isChannelsFirst,
    "its data_format is channels first; TensorFlow.js takes it for channels last",
  ],
  [
    /Conv(1|2|3)D$|Conv2d/i,
    (node) => isChannelsFirst(node) && !(isOnes(node.attr.strides) && isOnes(node.attr.dilations)),
    "its strides are those of channels first; TensorFlow.js takes them for channels last",
  ],
  [
    /^FusedBatchNorm(V[23])?$/,
    ({ attr }) => attr.is_training?.b === true,
    "it normalises by the batch, as in training",
  ],
  [/^Conv2DBackpropInput$/, ({ attr }) => !isOnes(attr.dilations), "TensorFlow.js leaves its dilations out"],
  [
    /^(Max|Avg)Pool/,
    ({ attr }) => textOf(attr.padding) === "EXPLICIT",
    "TensorFlow.js leaves its explicit padding out",
  ],
  [
    /^OneHot$/,
    ({ attr }) => Number(attr.axis?.i ?? -1) !== -1,
    "its axis is not the last; TensorFlow.js takes it for the last",
  ],
];
