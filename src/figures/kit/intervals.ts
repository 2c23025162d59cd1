import { wrongKind } from "../../errors.js";
import { within } from "./checks.js";

/**
 * What error bars and bands show: `false` one standard error on either side; `true` a confidence interval of 95 %; a number between 0 and 1
 * one of that level. Intervals are of a normal distribution, as the mean of many orderings has it; of a few dozen they are somewhat too
 * narrow.
 */
export type Confidence = boolean | number;

/** How many standard errors an error bar is long, on either side, and what a caption says of it. */
export function errorLength(confidence: Confidence = false): { readonly factor: number; readonly words: string } {
  if (confidence === false) return { factor: 1, words: "±1 standard error of the estimate" };
  if (confidence !== true && typeof confidence !== "number")
    throw wrongKind("confidence", "true, false or a level", confidence);
  const level = confidence === true ? 0.95 : within("confidence", confidence, 1e-6, 1 - 1e-9);
  const percent = Number((100 * level).toPrecision(12));
  return { factor: normalQuantile((1 + level) / 2), words: `${percent} % confidence interval of the estimate` };
}

/** Coefficients of algorithm AS 241, PPND7 (Wichura, Appl. Statist. 1988): about seven digits. */
const central = [
  [3.3871327179, 50.434271938, 159.29113202, 59.10937472],
  [1, 17.895169469, 78.757757664, 67.1875636],
] as const;
const tail = [
  [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103],
  [1, 0.7370016425, 0.12021132975],
] as const;
const farTail = [
  [6.657905115, 3.081226386, 0.42868294337, 0.017337203997],
  [1, 0.24197894225, 0.012258202635],
] as const;

/** The value below which a share (between 0 and 1) of a standard normal distribution lies. */
export function normalQuantile(share: number): number {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(central, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? share : 1 - share));
  return Math.sign(q) * (r <= 5 ? ratio(tail, r - 1.6) : ratio(farTail, r - 5));
}

function ratio([above, below]: readonly (readonly number[])[], x: number): number {
  const polynomial = (coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
  return polynomial(above) / polynomial(below);
}
