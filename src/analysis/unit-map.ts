import { invalid } from "../errors.js";
import { checkModes } from "../modes/check-modes.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions } from "../options.js";
import { loadMatrices } from "./matrices.js";
import { defaultDistance, type UnitDistance, unitDistances } from "./unit-distances.js";

/** Options of {@link unitMap}. */
export interface UnitMapOptions {
  /**
   * "correlation" of the modes' shapes (default, of three outputs or more), or "euclidean" distance of the modes
   * themselves: principal components.
   */
  readonly distance?: UnitDistance;
}

/** Units as points of a plane. */
export interface UnitMap {
  readonly units: readonly string[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Shares of what sets the units apart that x and y show: eigenvalues over the sum of all positive ones. */
  readonly explained: readonly [x: number, y: number];
  readonly distance: UnitDistance;
}

/** Most units: the eigenvectors of more take minutes. */
const mostUnits = 3000;

/**
 * A map of the units in two dimensions, in which units with like modes are near each other: classical multidimensional
 * scaling (Torgerson 1952) of their distances, which for Euclidean distance is the plane of the first two principal
 * components. The signs of the axes are such that the unit furthest out on each is on its positive side.
 *
 * @throws RangeError for fewer than three units, more than 3000, and other distances; TypeError for what is no
 *   ShapleyModes
 * @example
 * const figure = unitMapFigure(await unitMap(modes), { groups: clusterUnits(modes).assignment });
 */
export async function unitMap(modes: ShapleyModes, options: UnitMapOptions = {}): Promise<UnitMap> {
  knownOptions("unitMap", options, { distance: true });
  checkModes(modes);
  const { units } = modes;
  const n = units.length;
  if (n < 3 || n > mostUnits) throw invalid("units", `3 to ${mostUnits} (modes.select takes some of them)`, n);
  const { distance = defaultDistance(modes) } = options;
  const distances = unitDistances(modes, distance);
  // 1 - r is half of a squared Euclidean distance already.
  const squared = distance === "correlation" ? distances.map((d) => 2 * d) : distances.map((d) => d * d);
  const { EigenvalueDecomposition, Matrix } = await loadMatrices();
  const means = Float64Array.from({ length: n }, (_, a) => mean(squared.subarray(a * n, (a + 1) * n)));
  const whole = mean(means);
  const gram = new Matrix(n, n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) gram.set(a, b, -0.5 * (squared[a * n + b] - means[a] - means[b] + whole));
  }
  const { realEigenvalues: eigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, {
    assumeSymmetric: true,
  });
  const order = Array.from(eigenvalues.keys()).sort((i, j) => eigenvalues[j] - eigenvalues[i]);
  const positive = eigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  const axis = (number: number) => {
    const i = order[number];
    const root = Math.sqrt(Math.max(0, eigenvalues[i]));
    const points = Float64Array.from({ length: n }, (_, u) => root * eigenvectorMatrix.get(u, i));
    const furthest = points.reduce((most, value) => (Math.abs(value) > Math.abs(most) * (1 + 1e-9) ? value : most), 0);
    return furthest < 0 ? points.map((value) => -value) : points;
  };
  const part = (number: number) => (positive > 0 ? Math.max(0, eigenvalues[order[number]]) / positive : 0);
  return { units, x: axis(0), y: axis(1), explained: [part(0), part(1)], distance };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
