import type { Steps } from "../pace.js";
import type { LogitParts } from "./logit-walk.js";

/**
 * What a walk of a softmax starts from. Terms and factors are by tile, `[tiles, classes, 8]`, so that a step reads and
 * writes them in one go.
 */
export interface SoftmaxParts {
  readonly units: number;
  readonly inputs: number;
  readonly classes: number;
  /** The inputs' classes: those whose probabilities are wanted. */
  readonly classOf: ArrayLike<number>;
  /** Whether log-probabilities are wanted for each input; else the cross-entropy alone. */
  readonly perInput: boolean;
  /** exp(logit - c), by tile; inputs of the last tile that do not exist have sums of 1. */
  readonly terms: Float64Array;
  /** Logit of the own class - c, `[8 tiles]`; 0 for inputs that do not exist. */
  readonly own: Float64Array;
  /** Intact minus lesioned activation, `[units, inputs]`. */
  readonly differences: Float32Array;
  /** Outgoing weights, `[units, classes]`. */
  readonly weights: Float32Array;
}

/** Inputs that the kernel takes at a time. */
export const tile = 8;
/**
 * The widest range of an input's logits, in nats, that is walked: terms are then from e^-350 to e^350, which float64
 * has in full precision.
 */
export const widestRange = 700;
/**
 * The most, in nats, that a unit may add to a logit or take from it: factors are then from e^-87 to e^87, which float32
 * has in full precision.
 */
export const largestShare = 87;
/**
 * The most bytes that factors may take, for each thread: more take long to make, and come from the main memory at each
 * step.
 */
export const mostFactorBytes = 2 ** 26;

/**
 * What the walk of a softmax needs.
 *
 * @param always units that are intact in every coalition
 * @param wanted number of the class whose probability is wanted; undefined for each input's own
 * @returns undefined where the logits of an input are further apart, in all coalitions together, than
 *   {@link widestRange}, or a unit that comes back changes one by more than {@link largestShare}, or factors take more
 *   than {@link mostFactorBytes}
 */
export function softmaxParts(
  { units, inputs, labels, classes, base, differences, weights }: LogitParts,
  always: readonly number[],
  perInput: boolean,
  wanted?: number,
): SoftmaxParts | undefined {
  const tiles = Math.ceil(inputs / tile);
  if (units * tiles * tile * classes * Float32Array.BYTES_PER_ELEMENT > mostFactorBytes) return undefined;
  const classOf = wanted === undefined ? (labels ?? []) : new Uint32Array(inputs).fill(wanted);
  const logits = new Float64Array(classes * inputs);
  for (let k = 0; k < classes; k++) logits.fill(base[k], k * inputs, (k + 1) * inputs);
  const isAlways = new Set(always);
  /** The least and the largest that each logit can be. */
  const [least, most] = [new Float64Array(classes * inputs), new Float64Array(classes * inputs)];
  for (let unit = 0; unit < units; unit++) {
    for (let k = 0; k < classes; k++) {
      const weight = weights[unit * classes + k];
      for (let b = 0; b < inputs; b++) {
        const share = weight * differences[unit * inputs + b];
        const at = k * inputs + b;
        if (isAlways.has(unit)) {
          logits[at] += share;
          continue;
        }
        if (Math.abs(share) > largestShare) return undefined;
        if (share < 0) least[at] += share;
        else most[at] += share;
      }
    }
  }

  const terms = new Float64Array(tiles * tile * classes);
  const own = new Float64Array(tiles * tile);
  for (let b = 0; b < inputs; b++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = b; at < logits.length; at += inputs) {
      low = Math.min(low, logits[at] + least[at]);
      high = Math.max(high, logits[at] + most[at]);
    }
    if (!(high - low <= widestRange)) return undefined;
    const middle = (low + high) / 2;
    for (let k = 0; k < classes; k++) terms[place(b, k, classes)] = Math.exp(logits[k * inputs + b] - middle);
    own[b] = logits[classOf[b] * inputs + b] - middle;
  }
  for (let b = inputs; b < tiles * tile; b++) terms[place(b, 0, classes)] = 1;
  return { units, inputs, classes, classOf, perInput, terms, own, differences, weights };
}

/** Where a term is. */
function place(b: number, k: number, classes: number): number {
  const t = Math.floor(b / tile);
  return (t * classes + k) * tile + (b - t * tile);
}

/**
 * Computes what all units multiply and add when they come back. What they add is the logarithm of the factor as it was
 * rounded: so errors of the factors cancel where an input's own class has nearly all of the probability.
 *
 * @param factors `[units, ...terms]`
 * @param shares what they add to the logits of the own classes, `[units, 8 tiles]`; undefined where only their sums are
 *   wanted
 * @returns sums over the inputs of what they add to the logits of the own classes, `[units]`
 */
export function* unitFactors(
  { units, inputs, classes, classOf, terms, own, differences, weights }: SoftmaxParts,
  factors: Float32Array,
  shares: Float64Array | undefined,
): Steps<Float64Array> {
  const sums = new Float64Array(units);
  for (let unit = 0; unit < units; unit++) {
    const row = factors.subarray(unit * terms.length, (unit + 1) * terms.length).fill(1);
    for (let b = 0; b < inputs; b++) {
      const difference = differences[unit * inputs + b];
      const first = place(b, 0, classes);
      for (let k = 0; k < classes; k++) row[first + k * tile] = Math.exp(weights[unit * classes + k] * difference);
      const share = Math.log(row[first + classOf[b] * tile]);
      sums[unit] += share;
      if (shares) shares[unit * own.length + b] = share;
    }
    yield;
  }
  return sums;
}
