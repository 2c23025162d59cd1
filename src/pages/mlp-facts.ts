import type { LesionKind, LesionPlace } from "../lesion/lesion.js";

/** What the page of a network of dense layers knows beside its arrays. */
export type MlpFacts = {
  /** Widths from the inputs to the logits. */
  readonly widths: readonly number[];
  /** Slope below 0 of the leaky ReLU of each hidden layer. */
  readonly negativeSlopes: readonly number[];
  /** Names of the hidden units, layer after layer. */
  readonly units: readonly string[];
  /** What each class is called. */
  readonly outputs: readonly string[];
  readonly outputTitle: string;
  readonly unit: string;
  /** Height and width of an input that is an image; null for another. */
  readonly image: readonly [number, number] | null;
  /** How many inputs the page holds, and what they are called. */
  readonly count: number;
  readonly inputs: string;
  /** What the modes are of: v(S) as the page computes it on its inputs. */
  readonly score: MlpPageScore;
  /** Whether the modes are of these very inputs. */
  readonly sameInputs: boolean;
  /** What takes the place of a lesioned unit's value, and of which. */
  readonly lesion: { readonly kind: LesionKind; readonly constant?: number; readonly place: LesionPlace };
  /** Whether weights are stored in half precision. */
  readonly half: boolean;
  /** Whether inputs are stored as levels of 255. */
  readonly levels: boolean;
  /** Units that come and go at a press, by the name of the group. */
  readonly groups: readonly { readonly name: string; readonly units: readonly number[] }[];
};

/** A score that a page computes. */
export type MlpPageScore = "class-precision" | "class-accuracy" | "accuracy";

/** All of them. */
export const mlpPageScores: readonly MlpPageScore[] = ["class-precision", "class-accuracy", "accuracy"];
