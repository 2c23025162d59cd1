import { isStandard, type Node } from "../schema.js";
import { elementwise, normalisation, pooling, reduction } from "./elementwise.js";
import { concatenation, padding, reshape, resizing, squeezing, transposition } from "./moving.js";
import type { Rule } from "./rule.js";
import { convolution, gemm, matMul } from "./weighted.js";

const groups: readonly (readonly [operators: string, rule: Rule])[] = [
  ["Conv ConvTranspose", convolution],
  ["Gemm", gemm],
  ["MatMul", matMul],
  ["Add Sub Mul Div Pow Min Max Sum Mean PRelu", elementwise],
  [
    "Relu LeakyRelu ThresholdedRelu Elu Celu Selu Sigmoid HardSigmoid HardSwish Swish Tanh Softplus Softsign",
    elementwise,
  ],
  ["Gelu Mish Erf Clip Abs Neg Exp Log Sqrt Reciprocal Sign Sin Cos Identity Dropout", elementwise],
  ["BatchNormalization InstanceNormalization", normalisation],
  ["MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool", pooling],
  ["ReduceMean ReduceMax ReduceMin ReduceSum ReduceL1 ReduceL2 ReduceSumSquare", reduction],
  ["Flatten Reshape", reshape],
  ["Squeeze Unsqueeze", squeezing],
  ["Transpose", transposition],
  ["Concat", concatenation],
  ["Pad", padding],
  ["Resize Upsample", resizing],
];

const rules = new Map(groups.flatMap(([operators, rule]) => operators.split(" ").map((name) => [name, rule] as const)));

/** The operators that channels can go through, by name. */
export const narrowOperators: readonly string[] = [...rules.keys()];

/** How channels go through a node; undefined for an operator of which that is not known. */
export function ruleOf(node: Node): Rule | undefined {
  const { opType = "" } = node;
  return isStandard(node, opType) ? rules.get(opType) : undefined;
}
