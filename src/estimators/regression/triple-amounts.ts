/** How many triples, and how they are held back. */
export interface TripleAmount {
  /** Triples for each pair that they are fitted on. */
  readonly share: number;
  /** Added to the diagonal of the triples' equations, in shares of its mean. */
  readonly ridge: number;
}

/** Most triples of a fold: solving for them takes the cube of it. */
export const mostTriples = 1800;

/** What is tried; the first is exact for a game of a few triples. */
export const tripleAmounts: readonly TripleAmount[] = [
  { share: 0.05, ridge: 0 },
  { share: 0.2, ridge: 0.01 },
  { share: 0.3, ridge: 0.01 },
  { share: 0.05, ridge: 0.1 },
  { share: 0.2, ridge: 0.1 },
];

/** Triples that are fitted to so many pairs. */
export function amountOf(share: number, pairs: number): number {
  return Math.min(mostTriples, Math.floor(share * pairs));
}
