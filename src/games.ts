/**
 * Games whose Shapley values have closed forms, coalitions and orderings, and the port that estimators of one's own
 * implement: what tests and own estimators use.
 *
 * @module shapley-modes/games
 */

export {
  allIntact,
  type Coalitions,
  coalitionKey,
  coalitionSize,
  coalitionsOf,
  intactUnits,
  isIntact,
  nestedCoalitions,
  noneIntact,
  type Ordering,
} from "./coalitions/coalition.js";
export { randomOrdering } from "./coalitions/random.js";
export { type Random, randomStream } from "./coalitions/random-streams.js";
export type * from "./estimators/estimator.js";
export {
  additiveGame,
  type ClosedFormGame,
  gloveGame,
  interactionGame,
  majorityGame,
  unanimityGame,
} from "./games/closed-form.js";
export { partOf } from "./games/part.js";
