import { antithetic } from "./antithetic.js";
import type { Estimator } from "./estimator.js";
import { exact } from "./exact.js";
import { leverage } from "./leverage.js";
import { permutation } from "./permutation.js";

/**
 * Every estimator by name. Tests run over this list, so an estimator that joins it is tested against the mathematics.
 */
export const estimators = { permutation, antithetic, leverage, exact } as const satisfies Record<string, Estimator>;

/** Name of an estimator. */
export type EstimatorName = keyof typeof estimators;
