import { invalid, wrongKind } from "../../errors.js";
import type { OptionNames } from "../../options.js";

/** What the option `activation` takes. */
export const activationRule =
  "relu, leaky-relu:SLOPE (the paper's is leaky-relu:0.01) or identity, one for all hidden layers or one for each with commas " +
  "between; networks with others can be exported to ONNX";

/** What says the activations of a network whose file may leave them open. */
export interface ActivationOptions {
  /**
   * What stands behind each hidden layer, where the file does not say it (a state dict, safetensors without metadata):
   * `relu`, `leaky-relu:SLOPE` or `identity`; one for all hidden layers, or one for each with commas between. A file
   * that says something else is an error. No default: without it such a file is refused.
   */
  readonly activation?: string | undefined;
  /** The same as a number, the slope below 0 of a leaky ReLU: 0 is a ReLU, 1 the identity. */
  readonly negativeSlope?: number | readonly number[] | undefined;
}

/** The names of `ActivationOptions`. */
export const activationOptionNames: OptionNames<ActivationOptions> = { activation: true, negativeSlope: true };

/**
 * Slopes below 0 as the options give them: one for all hidden layers, or one for each; undefined where they give none.
 */
export type GivenSlopes = readonly number[] | undefined;

/**
 * @throws RangeError, TypeError for an activation that is none of these, or where both options contradict each other
 */
export function givenSlopes({ activation, negativeSlope }: ActivationOptions): GivenSlopes {
  const named = activation === undefined ? undefined : slopesOf(activation);
  if (negativeSlope === undefined) return named;
  const given = typeof negativeSlope === "number" ? [negativeSlope] : negativeSlope;
  if (!Array.isArray(given) || given.length === 0 || !given.every(Number.isFinite)) {
    throw invalid("negativeSlope", "a number, or one for each hidden layer", negativeSlope);
  }
  const hidden = Math.max(given.length, named?.length ?? 0);
  if (named && activationText(forAll(named, hidden)) !== activationText(forAll(given, hidden))) {
    throw invalid("activation", `the same as negativeSlope, ${activationText(given)}`, activation);
  }
  return named && named.length > given.length ? named : given;
}

/** Slopes for so many hidden layers, where one stands for all. */
export function forAll(slopes: readonly number[], hidden: number): readonly number[] {
  return slopes.length === 1 ? new Array<number>(hidden).fill(slopes[0]) : slopes;
}

/** Activations as the option `activation` takes them: of leaky ReLUs of these slopes below 0. */
export function activationText(slopes: readonly number[]): string {
  const names = slopes.map((slope) => (slope === 0 ? "relu" : slope === 1 ? "identity" : `leaky-relu:${slope}`));
  return new Set(names).size === 1 ? names[0] : names.join(",");
}

function slopesOf(activation: unknown): number[] {
  if (typeof activation !== "string") throw wrongKind("activation", activationRule, activation);
  return activation.split(",").map((part) => {
    const name = part.trim();
    if (name === "relu") return 0;
    if (name === "identity" || name === "linear") return 1;
    const slope = /^leaky-relu:([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(name)?.[1];
    if (slope === undefined || !Number.isFinite(Number(slope))) throw invalid("activation", activationRule, activation);
    return Number(slope);
  });
}
