import type { TensorInfo } from "@tensorflow/tfjs";

type Inputs = Readonly<Record<string, TensorInfo | readonly TensorInfo[] | undefined>>;
type Attributes = Readonly<Record<string, unknown>>;

/** As much of TensorFlow.js' engine as is needed to see every kernel that is called. */
interface Engine {
  runKernel(name: string, inputs: Inputs, attributes?: Attributes): unknown;
  readonly backend: { readSync(id: object): ArrayLike<number> };
}

const list = (names: string) => new Set(names.split(" "));

/** Kernels of the other backends that tfjs-node 4.22 does not register. */
const absent = list(
  "BitwiseAnd DenseBincount Draw LogicalXor MaxPoolWithArgmax RaggedGather RaggedRange RaggedTensorToTensor RotateWithOffset " +
    "SearchSorted SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum StringNGrams StringSplit " +
    "StringToHashBucketFast Transform",
);
/** Kernels that TensorFlow has for numbers with a fraction only, as found by calling each with integers. */
const floats = list(
  "Acos Acosh Asin Asinh Atan Atan2 Atanh Ceil Cos Cosh Elu Erf Expm1 Floor IsFinite IsInf IsNan LeakyRelu Log Log1p Pow " +
    "RealDiv Reciprocal Rsqrt Selu Sigmoid Sin Sinh Softmax Softplus Sqrt Step Tan Tanh",
);
/** Kernels that it has for numbers, but not for true and false. */
const numbers = list(
  "Abs Add Cumprod Cumsum Exp FloorDiv Greater GreaterEqual Less LessEqual Max Maximum Min Minimum Mod Multiply Neg Prelu Prod " +
    "Relu Relu6 Round Sign Square SquaredDifference Sub Sum TopK",
);
/** Kernels that may pad as many places as they are told, side by side; the others take "same" and "valid" alone. */
const explicit = list("Conv2D DepthwiseConv2dNative FusedConv2D FusedDepthwiseConv2D");
const pads = list(
  "AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad Conv2D Conv2DBackpropFilter Conv2DBackpropInput DepthwiseConv2dNative FusedConv2D " +
    "FusedDepthwiseConv2D MaxPool MaxPool3D MaxPool3DGrad MaxPoolGrad",
);
/** Activations of fused kernels. */
const activations = list("linear relu prelu leakyrelu elu relu6 sigmoid");

/**
 * Why TensorFlow's native backend would not run a kernel; undefined where it would. Read from the kernels of tfjs-node
 * 4.22 and measured with TensorFlow 2.21 on a processor; `native-rules.test.ts` holds it against the library itself
 * where that is there.
 */
export function refusal(engine: Engine, name: string, inputs: Inputs, attributes: Attributes = {}): string | undefined {
  const tensors = Object.values(inputs).flatMap((input) => input ?? []) as readonly TensorInfo[];
  const dtypes = new Set(tensors.map(({ dtype }) => dtype));
  const { pad, dataFormat, dilations, activation, normalized } = attributes;
  if (absent.has(name)) return "there is no such kernel";
  if ((floats.has(name) || numbers.has(name)) && dtypes.has("bool")) return "true and false are no numbers";
  if (floats.has(name) && dtypes.has("int32")) return "integers are not taken";
  if ((name === "All" || name === "Any") && !dtypes.has("bool")) return "true and false alone are taken";
  if ((floats.has(name) || numbers.has(name)) && dtypes.size > 1)
    return `${[...dtypes].join(" and ")} do not go together`;
  if (name === "Select") {
    const { condition, t, e } = inputs as Record<string, TensorInfo>;
    if (condition.dtype !== "bool") return "a condition is true or false";
    if (t.dtype !== e.dtype) return `${t.dtype} and ${e.dtype} do not go together`;
  }
  if (pads.has(name) && !isNamed(pad) && !(explicit.has(name) && Array.isArray(pad))) {
    return `padding is "same" or "valid", not ${JSON.stringify(pad)}`;
  }
  // The processor has channels first for some calls only, depending on how TensorFlow was built.
  if (/Conv|Pool|Depth/.test(name) && (dataFormat === "NCHW" || dataFormat === "channelsFirst"))
    return "channels come last";
  if (/^Conv3D/.test(name) && [dilations].flat().some((dilation) => (dilation ?? 1) !== 1)) return "no dilations";
  if (/^(Fused|_Fused)/.test(name) && typeof activation === "string" && !activations.has(activation)) {
    return `there is no activation ${activation}`;
  }
  if (name === "Multinomial" && normalized) return "logits are not normalised";
  if (name === "GatherV2") {
    const { x, indices } = inputs as Record<string, TensorInfo>;
    const length = x.shape[attributes.axis as number];
    const wrong = Array.from(engine.backend.readSync(indices.dataId)).find((index) => !(index >= 0 && index < length));
    if (wrong !== undefined) return `index ${wrong} of ${length}`;
  }
  return undefined;
}

/** "same", "valid", or numbers that come to that: none. */
function isNamed(pad: unknown): boolean {
  return typeof pad === "string" || [pad].flat(2).every((places) => places === 0);
}

let watching = true;

/** From now on every kernel that this engine is asked for has to be one that the native backend would run. */
export function watch(engine: Engine): void {
  const run = engine.runKernel.bind(engine);
  engine.runKernel = (name, inputs, attributes) => {
    const problem = watching ? refusal(engine, name, inputs, attributes) : undefined;
    if (problem) throw new Error(`TensorFlow's native backend would refuse ${name}: ${problem}`);
    return run(name, inputs, attributes);
  };
}

/**
 * Does something that the native backend would refuse, without a tensor that is made meanwhile being one of its own.
 */
export function withoutNativeRules<Result>(work: () => Result): Result {
  watching = false;
  try {
    return work();
  } finally {
    watching = true;
  }
}
