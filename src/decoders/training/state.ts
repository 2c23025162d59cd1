import { randomStream } from "../../coalitions/random-streams.js";
import { normalNumbers } from "../../networks/dcgan/parameters.js";
import { shapeSize } from "../../shape-size.js";
import { type TrainableShape, weightShapes } from "./shape.js";

/** The first weights of a seed, one tensor after the other. */
export function initialWeights(shape: TrainableShape, seed: number): Float32Array {
  const random = randomStream(seed);
  const parts = weightShapes(shape).map(({ shape: own, deviation }) =>
    deviation === undefined
      ? new Float32Array(shapeSize(own)).fill(1)
      : normalNumbers(random, shapeSize(own), 0, deviation),
  );
  const weights = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  return weights;
}
