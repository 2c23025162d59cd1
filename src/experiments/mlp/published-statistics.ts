import type { Regulariser } from "../../networks/mlp/regulariser.js";

/**
 * Statistics of the paper's 1200 published MLPs (arXiv 2506.19732, companion code MSA-XAI), for the widths that this
 * project compares: `[mean, population standard deviation]` over ten trials each.
 */
export type Statistic = readonly [mean: number, sd: number];
/** Means and standard deviations by the number of hidden units. */
export type ByWidth = Readonly<Record<number, Statistic>>;

/** Index of distributed computation of contributions averaged over the digits (figure A2). */
export const publishedIndex: Readonly<Record<Regulariser, ByWidth>> = {
  l1: {
    10: [0.9002, 0.0252],
    50: [0.8109, 0.0153],
    100: [0.6926, 0.0207],
    105: [0.6864, 0.0155],
    150: [0.6336, 0.0137],
    200: [0.6042, 0.017],
  },
  l2: {
    10: [0.9164, 0.0318],
    50: [0.8609, 0.0141],
    100: [0.7766, 0.0135],
    105: [0.7634, 0.0134],
    150: [0.7161, 0.0183],
    200: [0.6708, 0.0093],
  },
  none: {
    10: [0.9097, 0.047],
    50: [0.8796, 0.023],
    100: [0.8426, 0.0173],
    105: [0.8254, 0.0146],
    150: [0.7956, 0.0129],
    200: [0.7683, 0.0177],
  },
};

/** Index of distributed computation of single digits in L2 networks (figure A6): digit, then width. */
export const publishedDigitIndex: Readonly<Record<number, ByWidth>> = {
  0: {
    10: [0.3679, 0.1996],
    50: [0.6127, 0.0741],
    100: [0.5802, 0.0467],
    105: [0.5578, 0.0454],
    150: [0.5271, 0.0597],
    200: [0.5029, 0.0515],
  },
  1: {
    10: [0.5047, 0.1754],
    50: [0.4918, 0.0587],
    100: [0.4477, 0.0583],
    105: [0.4425, 0.0728],
    150: [0.4278, 0.0601],
    200: [0.388, 0.0452],
  },
  9: {
    10: [0.6348, 0.1872],
    50: [0.6455, 0.036],
    100: [0.6027, 0.0409],
    105: [0.5752, 0.0391],
    150: [0.5301, 0.0509],
    200: [0.4888, 0.0303],
  },
};

/** Pearson's r between mean |weight| and mean contribution (figure A5). */
export const publishedWeightCorrelation: Readonly<Record<Regulariser, ByWidth>> = {
  l1: {
    10: [0.0641, 0.2275],
    50: [0.8381, 0.031],
    100: [0.8527, 0.0249],
    105: [0.8618, 0.0276],
    150: [0.8445, 0.0187],
    200: [0.8595, 0.0165],
  },
  l2: {
    10: [-0.1296, 0.2454],
    50: [0.6807, 0.0691],
    100: [0.7697, 0.0336],
    105: [0.7729, 0.0226],
    150: [0.7915, 0.0284],
    200: [0.7759, 0.022],
  },
  none: {
    10: [-0.2261, 0.3442],
    50: [0.1159, 0.1135],
    100: [0.4616, 0.0372],
    105: [0.4543, 0.0704],
    150: [0.5759, 0.0295],
    200: [0.5903, 0.0205],
  },
};

/** Accuracy on the whole test set of the 200-unit networks, intact and lesioned (figure A1). */
export const publishedAccuracy: Readonly<
  Record<Regulariser, { readonly intact: Statistic; readonly topLesioned: Statistic; readonly restLesioned: Statistic }>
> = {
  l1: { intact: [0.9592, 0.0043], topLesioned: [0.0954, 0.0058], restLesioned: [0.961, 0.0036] },
  l2: { intact: [0.9601, 0.0027], topLesioned: [0.2646, 0.0492], restLesioned: [0.9348, 0.0082] },
  none: { intact: [0.9669, 0.0019], topLesioned: [0.6428, 0.0559], restLesioned: [0.8884, 0.0097] },
};
