/** Widths of a network of one hidden layer. */
export interface MlpSize {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Hidden units, the n of the paper. */
  readonly hidden: number;
  /** Numbers in the output: the logits of the classes. */
  readonly outputs: number;
}

/**
 * A network of one hidden layer: `outputWeights · leakyReLU(hiddenWeights · x + hiddenBiases) + outputBiases`. The
 * paper's classifiers of MNIST are 784 -> n -> 10. The units that lesions act on are the hidden ones.
 */
export interface Mlp extends MlpSize {
  /** `[hidden, inputs]`, PyTorch's layout. */
  readonly hiddenWeights: Float32Array;
  /** `[hidden]` */
  readonly hiddenBiases: Float32Array;
  /** `[outputs, hidden]` */
  readonly outputWeights: Float32Array;
  /** `[outputs]` */
  readonly outputBiases: Float32Array;
  /** Slope of the leaky ReLU below 0; the paper's is 0.01. */
  readonly negativeSlope: number;
  /** Checksum of the file it was read from, for provenance; undefined for a network that was never in a file. */
  readonly sha256?: string;
}

/** How many parameters a network of this size has. */
export function parameterCount({ inputs, hidden, outputs }: MlpSize): number {
  return hidden * inputs + hidden + outputs * hidden + outputs;
}

/** A network whose parameters are the consecutive parts of one array, in the order of the interface. Copies them. */
export function mlpFromParameters(size: MlpSize, parameters: ArrayLike<number>, negativeSlope = 0.01): Mlp {
  const { inputs, hidden, outputs } = size;
  let start = 0;
  const next = (length: number) => {
    const part = Float32Array.from({ length }, (_, i) => parameters[start + i]);
    start += length;
    return part;
  };
  return {
    inputs,
    hidden,
    outputs,
    hiddenWeights: next(hidden * inputs),
    hiddenBiases: next(hidden),
    outputWeights: next(outputs * hidden),
    outputBiases: next(outputs),
    negativeSlope,
  };
}
