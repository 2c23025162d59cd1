import { oneOf } from "../errors.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { unitCorrelation } from "./unit-correlation.js";

/** How far apart two units are. */
export type UnitDistance = "correlation" | "euclidean";
/** All kinds of distances. */
export const unitDistanceKinds: readonly UnitDistance[] = ["correlation", "euclidean"];

/**
 * Distances of all pairs of units by their modes, `[units, units]`: `euclidean` of the modes themselves, so that size
 * counts; `correlation`, 1 - r of the modes over the outputs (0 alike, 1 unrelated, 2 opposite), so that only shape
 * does: units whose mode is the same number everywhere have no shape, as those that do nothing, and are at distance 0
 * from each other and 1 from all others.
 */
export function unitDistances(modes: ShapleyModes, kind: UnitDistance): Float64Array {
  oneOf("distance", unitDistanceKinds, kind);
  const { values, outputs } = modes;
  const n = modes.units.length;
  if (kind === "correlation") {
    const correlations = unitCorrelation(modes);
    const flat = Array.from({ length: n }, (_, u) => Number.isNaN(correlations[u * n + u]));
    return correlations.map((r, at) => {
      const [a, b] = [Math.floor(at / n), at % n];
      if (a === b || (flat[a] && flat[b])) return 0;
      return Number.isNaN(r) ? 1 : 1 - r;
    });
  }
  const distances = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      let squares = 0;
      for (let o = 0; o < outputs; o++) squares += (values[a * outputs + o] - values[b * outputs + o]) ** 2;
      distances[a * n + b] = distances[b * n + a] = Math.sqrt(squares);
    }
  }
  return distances;
}

/** The kind where none is asked for: shape, where modes have one. */
export function defaultDistance(modes: ShapleyModes): UnitDistance {
  return modes.outputs > 2 ? "correlation" : "euclidean";
}
