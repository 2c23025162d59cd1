import type { ClassifierState, Labels } from "./scores.js";
import { plainSoftmax } from "./softmax.js";

/**
 * What is needed to lesion the hidden units of a network with one hidden layer: the logits with all of them lesioned,
 * and what each unit adds when it comes back. A lesioned unit holds a constant, so bringing it back is a rank-1 update:
 * `logits[b, k] += difference[unit, b] * weight[unit, k]`.
 */
export interface LogitParts extends Labels {
  readonly units: number;
  /** Logits with every unit lesioned, the same for every input, `[classes]`. */
  readonly base: Float32Array;
  /** Intact minus lesioned activation, `[units, inputs]`. */
  readonly differences: Float32Array;
  /** Outgoing weights, `[units, classes]`. */
  readonly weights: Float32Array;
}

/** Logits and predictions while units come back one by one. */
export interface LogitWalk extends ClassifierState {
  /** All units lesioned again, and counted. */
  reset(): void;
  /** Makes exactly these units intact: the bits of {@link reset} and of {@link add} for each of them in turn. */
  set(intact: ArrayLike<number>): void;
  /** Brings one unit back: logits, predictions and counts are those with it. */
  add(unit: number): void;
}

/**
 * The walk in plain TypeScript. Everything is rounded to float32 after each operation, so that any other walk that
 * multiplies and adds in the same order in float32 gives the same bits.
 */
export function plainLogitWalk(parts: LogitParts): LogitWalk {
  const { base, differences, weights, inputs, classes } = parts;
  // Where classes are not known, none is right.
  const labels = parts.labels ?? new Int32Array(inputs).fill(-1);
  const logits = new Float32Array(classes * inputs);
  const largest = new Float32Array(inputs);
  const predictions = new Uint16Array(inputs);
  const predicted = new Int32Array(classes);
  const correct = new Int32Array(classes);

  function count(): void {
    predicted.fill(0);
    correct.fill(0);
    for (let b = 0; b < inputs; b++) {
      const prediction = predictions[b];
      predicted[prediction]++;
      if (prediction === labels[b]) correct[prediction]++;
    }
  }

  const walk: LogitWalk = {
    logits,
    stride: inputs,
    predicted,
    correct,
    softmax: plainSoftmax(logits, inputs, inputs, classes, parts.labels),
    set(intact) {
      walk.reset();
      for (let i = 0; i < intact.length; i++) walk.add(intact[i]);
    },
    reset() {
      let prediction = 0;
      for (let k = 0; k < classes; k++) {
        logits.fill(base[k], k * inputs, (k + 1) * inputs);
        if (base[k] > base[prediction]) prediction = k;
      }
      predictions.fill(prediction);
      count();
    },
    add(unit) {
      const { fround } = Math;
      const from = unit * inputs;
      for (let k = 0; k < classes; k++) {
        const weight = weights[unit * classes + k];
        const row = k * inputs;
        for (let b = 0; b < inputs; b++) {
          const logit = fround(logits[row + b] + fround(weight * differences[from + b]));
          logits[row + b] = logit;
          if (k === 0) {
            largest[b] = logit;
            predictions[b] = 0;
          } else if (logit > largest[b]) {
            largest[b] = logit;
            predictions[b] = k;
          }
        }
      }
      count();
    },
  };
  return walk;
}
