import type { Steps } from "../pace.js";
import { logarithm } from "./softmax.js";
import { type SoftmaxParts, tile, unitFactors } from "./softmax-parts.js";

/**
 * The softmax of the logits while units come back one by one, without the logits: a unit that comes back multiplies the
 * terms of the softmax,
 *
 *     exp(logit[k, b] - c[b]) *= exp(weights[unit, k] * differences[unit, b]),
 *
 * and the sums over the classes of these terms, with what the unit adds to the logit of each input's class, are all
 * that log-probabilities and the cross-entropy need. Factors are computed once; a step has no exponential and no
 * maximum. c[b] is the middle of the range that the logits of input b can take in any coalition.
 *
 * Factors are rounded to float32, everything else is float64. So it is the softmax of logits in which what each unit
 * adds is off by at most 2^-24: ln p(class) is off by at most (1 - p) n 2^-23 for n units that came back, and by what
 * float64 leaves, at most 2^-51 (n + B + K + 4) (1 + L) with B inputs, K classes and logits that in no coalition are
 * beyond L; where log-probabilities are wanted for each input, these are rounded by up to 2^-23 more. For 100 units and
 * any p that is 1.2e-5; logits added up in float32 are themselves off by up to L times as much. Errors have either
 * sign: on a trained network of 100 units log-probabilities were off by up to 9e-7 and the cross-entropy of 1024 inputs
 * by 5e-9, where those from float32 logits were off by 1.2e-5 and 4e-8.
 */
export interface SoftmaxWalk {
  /** All units lesioned again but those that are always intact. */
  reset(): void;
  /** Brings one unit back. */
  add(unit: number): void;
  /**
   * Writes the mean over the inputs of -ln p(class of the input), or where parts say `perInput` ln p(class of the
   * input) for every input.
   */
  write(value: Float64Array): void;
}

/** The walk in plain TypeScript: the same bits as that in WebAssembly. */
export function* plainSoftmaxWalk(parts: SoftmaxParts): Steps<SoftmaxWalk> {
  const { units, inputs, classes, perInput } = parts;
  const factors = new Float32Array(units * parts.terms.length);
  const shares = perInput ? new Float64Array(units * parts.own.length) : undefined;
  const ownSums = yield* unitFactors(parts, factors, shares);
  const terms = parts.terms.slice();
  const own = parts.own.slice();
  let state = startOf(parts);
  return {
    reset() {
      terms.set(parts.terms);
      own.set(parts.own);
      state = startOf(parts);
    },
    add(unit) {
      const from = unit * terms.length;
      for (let i = 0; i < terms.length; i++) terms[i] *= factors[from + i];
      state = { ...classSums(terms, classes), ownSum: state.ownSum + ownSums[unit] };
      if (shares) for (let b = 0; b < own.length; b++) own[b] += shares[unit * own.length + b];
    },
    write(value) {
      if (perInput) for (let b = 0; b < inputs; b++) value[b] = Math.min(0, own[b] - logarithmOfSum(state.sums[b]));
      else value[0] = crossEntropy(state.product, state.ownSum, inputs);
    },
  };
}

/**
 * Sums over the classes of the terms, for every input and multiplied over the inputs, and the sum of the logits of the
 * own classes, less c.
 */
interface ClassSums {
  readonly sums: Float64Array;
  /** The product is product[0] * 2^product[1]. */
  readonly product: ArrayLike<number>;
  readonly ownSum: number;
}

/** Those where a walk starts. */
export function startOf({ terms, classes, own }: SoftmaxParts): ClassSums {
  return { ...classSums(terms, classes), ownSum: own.reduce((sum, logit) => sum + logit, 0) };
}

/** Never below 0, which rounding could make it. */
export function crossEntropy(product: ArrayLike<number>, ownSum: number, inputs: number): number {
  return Math.max(0, Math.log(product[0]) + product[1] * Math.LN2 - ownSum) / inputs;
}

/** Tiles whose mantissas, each below 2, are multiplied before an exponent is taken of their product. */
const together = 512;

function classSums(terms: Float64Array, classes: number): Omit<ClassSums, "ownSum"> {
  const tiles = terms.length / (tile * classes);
  const sums = new Float64Array(tiles * tile);
  const lanes = new Float64Array(tile).fill(1);
  let exponents = 0;
  for (let t = 0; t < tiles; t++) {
    for (let lane = 0; lane < tile; lane++) {
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += terms[(t * classes + k) * tile + lane];
      sums[t * tile + lane] = sum;
      const { mantissa, exponent } = split(sum);
      lanes[lane] *= mantissa;
      exponents += exponent;
    }
    if ((t + 1) % together === 0 || t + 1 === tiles) {
      for (let lane = 0; lane < tile; lane++) {
        const { mantissa, exponent } = split(lanes[lane]);
        lanes[lane] = mantissa;
        exponents += exponent;
      }
    }
  }
  const [a, b, c, d, e, f, g, h] = lanes;
  return { sums, product: [a * c * (e * g) * (b * d * (f * h)), exponents] };
}

const bits = new DataView(new ArrayBuffer(8));

/** x = mantissa * 2^exponent with a mantissa from 1 to below 2, of a normal number above 0. */
function split(x: number): { mantissa: number; exponent: number } {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  return { mantissa: bits.getFloat64(0), exponent: (high >>> 20) - 1023 };
}

/** ln x, the mantissa's in float32. */
function logarithmOfSum(x: number): number {
  const { mantissa, exponent } = split(x);
  return exponent * Math.LN2 + logarithm(Math.fround(mantissa));
}
