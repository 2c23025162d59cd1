/**
 * Indices of interaction:
 *
 * - `sii`: Shapley interaction index (Grabisch and Roubens 1999); of pairs msapy's network interaction.
 * - `k-sii`: SII made efficient, order by order (Bordt and von Luxburg, AISTATS 2023); of order 2 it is called 2-SII.
 * - `stii`: Shapley-Taylor interaction index (Sundararajan, Dhamdhere and Agarwal, ICML 2020).
 * - `fsii`: faithful Shapley interaction index (Tsai, Yeh and Ravikumar, JMLR 2023).
 * - `banzhaf`: Banzhaf interaction index (Roubens 1996).
 */
export const interactionIndices = ["sii", "k-sii", "stii", "fsii", "banzhaf"] as const;

/** Name of an index: one of {@link interactionIndices}. */
export type InteractionIndex = (typeof interactionIndices)[number];

/** Whether the interactions of sets of all sizes up to the order add up to v(all) - v(none). */
export function isEfficient(index: InteractionIndex): boolean {
  return index === "k-sii" || index === "stii" || index === "fsii";
}
