import type { PreparedNetwork, Site } from "../networks/network.js";

/**
 * A prepared network whose lesioned units hold other values than it was prepared with: nothing is copied or computed again.
 *
 * @param replacements for each lesioned site `[1, ...site.shape]`
 */
export function withReplacements(prepared: PreparedNetwork, replacements: readonly Float32Array[]): PreparedNetwork {
  return { ...prepared, run: (pass) => prepared.run({ ...pass, replacements }) };
}

/** What units hold on each of some rows: `[rows, ...site.shape]` for each site, as `[1, ...site.shape]` for each row and site. */
export function rowByRow(activations: readonly Float32Array[], sites: readonly Site[]): Float32Array[][] {
  const sizes = sites.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
  const rows = activations[0].length / sizes[0];
  return Array.from({ length: rows }, (_, row) =>
    activations.map((values, s) => values.subarray(row * sizes[s], (row + 1) * sizes[s])),
  );
}
