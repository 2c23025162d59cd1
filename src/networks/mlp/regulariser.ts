/** What training adds to the cross-entropy: the sum of absolute values, PyTorch's weight decay, nothing. */
export const regularisers = ["l1", "l2", "none"] as const;

/** One of `regularisers`. */
export type Regulariser = (typeof regularisers)[number];
