import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import { checkShape, type TrainableShape } from "./shape.js";

/** How a decoder is trained: everything that decides the numbers but the texts and the seed. */
export interface DecoderRecipe {
  readonly shape: TrainableShape;
  readonly steps: number;
  /** Sequences of a step, and tokens of each: a multiple of four. */
  readonly sequences: number;
  readonly length: number;
  /** AdamW's learning rate at its highest; it falls with a cosine to `lastShare` of that. */
  readonly learningRate: number;
  readonly lastShare: number;
  /** Steps in which the learning rate rises to its highest. */
  readonly warmUp: number;
  readonly betas: readonly [number, number];
  /** Weight decay, of matrices alone. */
  readonly decay: number;
  /** Gradients whose norm is larger are cut to this. */
  readonly clip: number;
  /** Weight of the loss that balances the experts. */
  readonly balance: number;
}

/** @throws TypeError, RangeError for a recipe that can not be followed */
export function checkedDecoderRecipe(recipe: DecoderRecipe): DecoderRecipe {
  if (typeof recipe !== "object" || recipe === null)
    throw wrongKind("recipe", "a recipe of a decoder's training", recipe);
  checkShape(recipe.shape);
  for (const name of ["steps", "sequences", "length", "warmUp"] as const) positiveInteger(name, recipe[name]);
  if (recipe.length % 4 !== 0) throw invalid("length", "a multiple of 4", recipe.length);
  for (const name of ["learningRate", "clip"] as const) {
    if (!(recipe[name] > 0)) throw invalid(name, "a positive number", recipe[name]);
  }
  for (const name of ["decay", "balance", "lastShare"] as const) {
    if (!(recipe[name] >= 0)) throw invalid(name, "a number of 0 or more", recipe[name]);
  }
  if (!recipe.betas.every((beta) => beta >= 0 && beta < 1)) {
    throw invalid("betas", "two numbers from 0 to below 1", recipe.betas);
  }
  return recipe;
}

/** The learning rate of a step, the first of which is 1. */
export function learningRate({ learningRate: highest, lastShare, warmUp, steps }: DecoderRecipe, step: number): number {
  if (step <= warmUp) return (highest * step) / warmUp;
  const way = (step - warmUp) / Math.max(1, steps - warmUp);
  return highest * (lastShare + (1 - lastShare) * 0.5 * (1 + Math.cos(Math.PI * way)));
}
