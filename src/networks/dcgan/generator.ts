import { invalid } from "../../errors.js";
import { channels, checkedSize, type DcganSize } from "./size.js";

/** BatchNorm of one layer as it stands when trained, each `[outputs]`. */
export interface BatchNorm {
  /** gamma, PyTorch's `weight` */
  readonly scale: Float32Array;
  /** beta, PyTorch's `bias` */
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * A transposed convolution of kernel 4 without bias: stride 1 and no padding in the first layer, then stride 2,
 * padding 1.
 */
export interface GeneratorLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** `[inputs, outputs, 4, 4]`, PyTorch's layout. */
  readonly weights: Float32Array;
  /** BatchNorm and ReLU follow; undefined in the last layer, which a sigmoid follows. */
  readonly norm: BatchNorm | undefined;
}

/**
 * The generator of a DCGAN (Radford et al. 2016; arXiv 2506.19732, experiment B): latents through transposed
 * convolutions without biases, each followed by BatchNorm and ReLU, the last by a sigmoid, to a colour image in [0, 1].
 */
export interface Generator extends DcganSize {
  readonly layers: number;
  readonly parts: readonly GeneratorLayer[];
  /** Checksum of the file it was read from, for provenance; undefined for a generator that was never in a file. */
  readonly sha256?: string;
}

/** Added to the variance under the root, PyTorch's default. */
export const batchNormEpsilon = 1e-5;

/** A generator of a size, its arrays checked. @throws RangeError for an array of another length, naming it */
export function generatorOf(size: DcganSize, parts: readonly GeneratorLayer[]): Generator {
  const { layers, filters, latents } = checkedSize(size);
  const widths = channels(size);
  if (parts.length !== layers) throw invalid("parts", `${layers} layers`, parts.length);
  parts.forEach((part, l) => {
    const inputs = l === 0 ? latents : widths[l - 1];
    const name = `layer ${l + 1}`;
    const shape = `${inputs} inputs and ${widths[l]} outputs`;
    if (part.inputs !== inputs || part.outputs !== widths[l]) {
      throw invalid(name, shape, `${part.inputs} and ${part.outputs}`);
    }
    checkLength(`weights of ${name}`, part.weights, inputs * widths[l] * 16);
    if ((part.norm === undefined) !== (l === layers - 1)) {
      throw invalid(name, l === layers - 1 ? "no BatchNorm, as it is the last" : "a BatchNorm", part.norm);
    }
    if (part.norm)
      for (const [key, array] of Object.entries(part.norm)) checkLength(`${key} of ${name}`, array, widths[l]);
  });
  return { layers, filters, latents, parts };
}

function checkLength(name: string, array: Float32Array, length: number): void {
  if (array.length !== length) throw invalid(name, `${length} numbers`, array);
}
