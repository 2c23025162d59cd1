/** What takes the place of a lesioned unit's value. */
export const lesionKinds = ["zero", "mean"] as const;
/**
 * "zero": the value is set to 0, the paper's lesion. "mean": to its mean over the game's inputs, so that the unit still
 * says what is usual but nothing about the input at hand.
 */
export type LesionKind = (typeof lesionKinds)[number];

/** Where a hidden unit is lesioned. */
export const lesionPlaces = ["pre-activation", "activation"] as const;
/** The value before the activation function, or after it. For "zero" and a leaky ReLU both come to the same. */
export type LesionPlace = (typeof lesionPlaces)[number];
