/**
 * What training adds to the cross-entropy: the sum of absolute values, PyTorch's weight decay, nothing; in the order in
 * which figures show them. The paper's experiment A (arXiv 2506.19732).
 */
export const regularisers = ["l1", "l2", "none"] as const;

/** One of `regularisers`. */
export type Regulariser = (typeof regularisers)[number];
