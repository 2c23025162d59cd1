/**
 * Contributions in independent blocks: of orderings of one run (`shapley(game, { blocks: 50 })`), or of runs of their
 * own seeds. The modes are the mean of the blocks, weighed by their samples. What sign-flip tests, the bootstrap and
 * the jackknife take.
 */
export interface ModeBlocks {
  /** Independent samples (orderings, or pairs of them) in each block, `[blocks]`: its weight. */
  readonly samples: Float64Array;
  /** Mean contribution in each block, `[blocks, units, ...outputShape]`. */
  readonly values: Float64Array;
}
